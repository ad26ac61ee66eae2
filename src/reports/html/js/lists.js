// Devices without a verdict, and the catalogue of rules.

const FIRST_DEVICES = 50;

function showNotJudged() {
  const section = byId("not-judged");
  if (section.children.length > 1) return;
  const groups = DATA.not_judged;
  if (!groups.length) return void section.append(h("p.card.calm", null, "Every device was judged."));
  const total = groups.reduce((sum, group) => sum + group.devices.length, 0);
  section.append(h("p.lead", null, `Nothing can be said about the health of ${plural(total, "device")}. None of them counts as healthy.`));
  for (const group of groups) {
    const address = href("devices", { health: "unknown", status: group.status });
    const shown = group.devices.slice(0, FIRST_DEVICES);
    const left = group.devices.length - shown.length;
    section.append(h("section.card.group", null,
      h("div.cause-head", null, h("h3", null, group.reason[0].toUpperCase() + group.reason.slice(1)),
        h("a.cause-count", { href: address }, h("b", null, thousands(group.devices.length)), ` ${group.devices.length === 1 ? "device" : "devices"}`)),
      h("ul.device-list", null, shown.map((name) => {
        const row = DEVICES[DEVICE_AT.get(name)] ?? [];
        return h("li", null, h("div.who", null, deviceLink(name), h("span.sub", null, h("bdi", null, [row[D.site], row[D.role]].filter(Boolean).join(" \u00b7 ")))),
          h("span.stage", null, (row[D.status] ?? group.status).replaceAll("_", " ")),
          h("bdi.advice", null, row[D.status_detail] || unknownAdvice(row)));
      })),
      left > 0 && h("p", null, h("a", { href: address }, `${thousands(left)} more in the table of devices`))));
  }
}

// What to do where the audit says nothing itself.
function unknownAdvice(row) {
  const refused = row[D.commands_refused];
  if (refused) return `allow the account to use: ${refused}`;
  return "open the device: rules that could not be judged have their reasons there";
}

function showRules() {
  const section = byId("rules");
  if (section.children.length > 1) return;
  const counts = new Map();
  for (const row of FINDINGS) if (isOpen(row)) counts.set(row[F.rule], (counts.get(row[F.rule]) ?? 0) + 1);
  const cards = DATA.rules.map((rule) => ({ rule, card: makeRule(rule, counts.get(rule.id) ?? 0), text: Object.values(rule).join("\n").toLowerCase() }));
  const groups = [...new Set(DATA.rules.map((rule) => rule.category))].map((category) => h("section.rule-group", null,
    h("h3", null, spellCategory(category)), cards.filter(({ rule }) => rule.category === category).map(({ card }) => card)));
  const search = h("input", { type: "search", id: "rules-search", placeholder: "Search rules", autocomplete: "off", input: filter });
  const count = h("p.count", { role: "status" }, plural(cards.length, "rule"));
  section.append(h("p.lead", null, "What was asked of every device, why it matters, and where that is written."),
    h("div.tools", { role: "search" }, h("div.search", null, h("label.unseen", { for: "rules-search" }, "Search rules"), search, h("kbd", { "aria-hidden": "true" }, "/"), count)), ...groups);

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const { card, text } of cards) {
      card.hidden = !words.every((word) => text.includes(word));
      left += card.hidden ? 0 : 1;
    }
    for (const group of groups) group.hidden = [...group.children].slice(1).every((card) => card.hidden);
    count.textContent = left === cards.length ? plural(left, "rule") : `${left} of ${plural(cards.length, "rule")}`;
  }
}

function spellCategory(category) {
  const text = category.replaceAll("_", " ");
  return text[0].toUpperCase() + text.slice(1);
}

function makeRule(rule, count) {
  const pair = (title, value) => value && h("div.pair", null, h("dt", null, title), h("dd", null, value));
  return h("article.card.rule", { id: `rule-${rule.id}`, tabindex: -1 },
    h("div.cause-head", null, badge(rule.severity), h("h4", null, rule.title),
      count > 0
        ? h("a.cause-count", { href: href("findings", openOnly({ rule: rule.id })) }, h("b", null, thousands(count)), ` ${count === 1 ? "finding" : "findings"}`)
        : h("span.sub", null, "no findings")),
    h("p.cause-line.mono", null, rule.id),
    h("dl.pairs", null, pair("Why", rule.why), pair("Next step", nextStep(rule.next_step, `the next step of ${rule.id}`)), pair("Source", rule.source)));
}

// Brings one rule into sight.
function pointAt(id) {
  for (const marked of document.querySelectorAll(".rule.pointed")) marked.classList.remove("pointed");
  const card = byId(`rule-${id}`);
  if (!card) return false;
  card.hidden = false;
  card.classList.add("pointed");
  card.scrollIntoView({ block: "center" });
  card.focus({ preventScroll: true });
  return true;
}
