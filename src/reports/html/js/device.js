// One device: what it is, its findings, its facts with their evidence, the verdict of every rule, what was not understood.

let shownDevice = "";

async function showDevice(name) {
  const at = DEVICE_AT.get(name);
  const row = DEVICES[at];
  const section = byId("device");
  shownDevice = name;
  const rest = h("div.device-rest", { "aria-busy": "true" });
  replace(section, deviceHead(row), deviceFindings(at), rest);
  let told;
  try {
    told = await details(at);
  } catch (error) {
    replace(rest, h("p.notice", null, `The details cannot be shown: ${error.message}`));
    return;
  }
  // Someone may have gone on meanwhile.
  if (shownDevice !== name) return;
  rest.removeAttribute("aria-busy");
  replace(rest, told
    ? [deviceFacts(told), deviceVerdicts(told, at), notUnderstood(row, told.unparsed ?? [])]
    : [h("p.card.calm", null, "Nothing was read from this device, so there are no facts and no verdicts."), notUnderstood(row, [])]);
}

function deviceHead(row) {
  const cell = (name) => row[D[name]];
  const back = lastParams.get("devices") ?? new URLSearchParams();
  const item = (title, value) => (value || value === 0) && h("div", null, h("dt", null, title), h("dd", null, value));
  const text = (name) => cell(name) && h("bdi", null, cell(name));
  const extra = DATA.device_columns.slice(DATA.device_columns.indexOf("run_id") + 1);
  return h("div.card.device-head", null,
    h("p.crumb", null, h("a", { href: href("devices", back) }, "\u2190 Devices")),
    h("div.device-title", null, h("h2", { id: "device-title", tabindex: -1 }, h("bdi", null, cell("device"))), badge(cell("health"))),
    cell("status") !== "audited" || cell("status_detail")
      ? h("p.status-line", null, h("b", null, (cell("status") ?? "").replaceAll("_", " ")), cell("status_detail") && [": ", h("bdi", null, cell("status_detail"))]) : null,
    h("dl.run", null,
      item("Site", text("site")), item("Role", text("role")), item("Address", text("address")),
      item("Model", text("model")), item("Release", text("os_version")), item("Serial", text("serial")),
      item("Units", cell("members") !== cell("serial") && text("members")),
      item("Topology", text("topology")), item("ACK deadline", cell("days_to_ack_deadline") !== null && daysLeft(cell("days_to_ack_deadline"))),
      item("Rules judged", cell("coverage") !== null && `${Math.floor(cell("coverage") * 100)} %`),
      item("Name it gives itself", cell("hostname_seen") !== cell("device") && text("hostname_seen")),
      extra.map((name) => item(name, text(name)))),
    h("details.contact", null, h("summary", null, "How it was reached"), h("dl.run", null,
      item("Path", text("path")), item("Login", text("auth_method")), item("Key exchange", text("ssh_kex")), item("Host key", text("ssh_host_key")),
      item("Attempts", cell("attempts")), item("Took", cell("duration_ms") !== null && `${thousands(cell("duration_ms"))} ms`),
      item("First connection", moment(cell("started_utc"))))));
}

function deviceFindings(at) {
  const rows = FINDINGS_OF[at].map((place) => FINDINGS[place]);
  if (!rows.length) return null;
  return h("section.part", null, h("h3", null, plural(rows.length, "finding")),
    rows.map((row) => h(`article.card.device-finding.is-${stateOf(row)}`, null,
      h("div.cause-head", null, badge(row[F.severity]), h("h4", null, row[F.title], row[F.subject] && [" \u00b7 ", h("bdi", null, row[F.subject])]),
        h("span.sub", null, stateOf(row) === "waived" ? "waived" : row[F.change])),
      findingDetail(row, false))));
}

function deviceFacts(told) {
  return h("section.part", null, h("h3", null, "Facts"), groupFacts(told.facts).map((group) => factGroup(group, told)));
}

// Known facts in a list; those not known in one line, with the reason.
function factGroup({ title, keys }, { facts, unknown, evidence }) {
  const isUnknown = (key) => Object.hasOwn(unknown ?? {}, key);
  const known = keys.filter((key) => !isUnknown(key));
  const reasons = new Map();
  for (const key of keys.filter(isUnknown)) {
    const reason = unknown[key];
    reasons.set(reason, [...(reasons.get(reason) ?? []), factWords(key)]);
  }
  const fact = (key) => {
    const proof = evidence?.[key];
    return h("div.fact", null, h("dt", { title: key }, factWords(key)),
      h("dd", null, h("div.value", null, factValue(key, facts[key])), proof && factProof(proof)));
  };
  return h("section.card.fact-group", null, h("h4", null, title),
    known.length > 0 && h("dl.fact-list", null, known.map(fact)),
    [...reasons].map(([reason, names]) => h("p.not-known", null, h("b", null, "Not known"), " (", h("bdi", null, reason), "): ", names.join(", "))));
}

function factProof({ command, line, text }) {
  return h("div.proof", null, h("pre", null, h("bdi", null, text)),
    h("span.by", { title: command }, h("span.mono", null, command), `, line ${thousands(line)}`));
}

const VERDICTS = [["fail", "Failed"], ["unknown", "Could not be judged"], ["pass", "Passed"], ["not_applicable", "Not applicable"]];

function deviceVerdicts(told, at) {
  const bySubject = new Map(FINDINGS_OF[at].map((place) => [FINDINGS[place][F.rule], FINDINGS[place]]));
  const row = (verdict) => h("tr", null,
    h("th", { scope: "row" }, h("a.mono", { href: ruleHref(verdict.rule) }, verdict.rule)),
    h("td", null, ruleTitle(verdict.rule)),
    h("td", null, verdict.verdict === "fail" ? (bySubject.get(verdict.rule)?.[F.observed] ?? verdict.reason) : verdict.reason));
  return h("section.part", null, h("h3", null, "Verdict of every rule"), VERDICTS.map(([word, title]) => {
    const found = told.verdicts.filter((verdict) => verdict.verdict === word);
    return found.length > 0 && h("details.card.verdicts", { open: word === "fail" || word === "unknown" },
      h("summary", null, h("h4", null, title), h("span.sub", null, plural(found.length, "rule"))),
      h("div.scroll", null, h("table.small.wide", null, h("tbody", null, found.map(row)))));
  }));
}

function notUnderstood(row, unparsed) {
  const refused = (row[D.commands_refused] ?? "").split("; ").filter(Boolean);
  if (!refused.length && !unparsed.length) return null;
  return h("section.part", null, h("h3", null, "Refused or not understood"), h("div.card", null,
    refused.length > 0 && [h("h4", null, `${plural(refused.length, "command")} refused by the device`),
      h("ul.plain", null, refused.map((command) => h("li.mono", null, command)))],
    unparsed.length > 0 && [h("h4", null, `${plural(unparsed.length, "line")} not understood`),
      unparsed.map((line) => evidenceBlock(line))]));
}
