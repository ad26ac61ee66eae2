// The beginning of the page: the run, the tiles, and the causes ranked by what to do first.

function showRun() {
  const run = DATA.run;
  const item = (title, ...value) => value[0] && h("div", null, h("dt", null, title), h("dd", null, value));
  replace(byId("run"),
    item("Run", h("span.mono", null, run.id)),
    item("Label", run.label),
    item("Inventory", run.inventory),
    item("Started", moment(run.started_utc)),
    item("Took", DATA.took),
    item("slaudit", `${run.version}, rules ${run.rules_version}`));
  replace(byId("foot"), h("p", null, "Made by slaudit ", run.version, " on ", moment(run.finished_utc), " with ", h("code", null, run.command),
    ". The page fetches nothing and sends nothing. The same rows are in findings.csv and devices.csv; report.json has everything."));
  for (const id of ["tiles", "tabs", "main", "foot"]) byId(id).hidden = false;
}

// What the numbers of the tiles are, and the filter that each stands for.
function tileGroups() {
  const { devices, health, findings, change, ack_deadlines: { past, next_days: next } } = DATA.run.counts;
  const open = Object.values(findings).reduce((a, b) => a + b, 0);
  const isFirst = DATA.history.length < 2;
  const link = (view, params) => ({ view, params: new URLSearchParams(params) });
  return [
    { title: plural(devices, "device"), bar: true, tiles: ["problem", "unknown", "ok"].map((word) =>
      ({ word, number: health[word], ...link("devices", { health: word }) })) },
    { title: plural(open, "open finding"), tiles: SEVERITIES.map((word) =>
      ({ word, number: findings[word], ...link("findings", openOnly({ severity: word })) })) },
    { title: isFirst ? "First run on record" : "Since the last run", tiles: [
      { word: "new", number: change.new, ...link("findings", openOnly({ change: "new" })) },
      { word: "resolved", number: change.resolved, ...(change.resolved ? link("findings", { change: "resolved" }) : {}) }] },
    { title: "Next ACK deadline", tiles: [
      { word: next === null ? "none known" : dueWord(next), number: next === null ? "\u2013" : thousands(next), quiet: true,
        ...link("devices", { due: "0..", sort: "days_to_ack_deadline" }) },
      { word: "past", number: past, isBad: past > 0, ...link("devices", { due: "..-1", sort: "days_to_ack_deadline" }) }] },
  ];
}

const dueWord = (days) => (days === 1 ? "day left" : "days left");

function showTiles() {
  const groups = tileGroups();
  const box = replace(byId("tiles"), groups.map((group) => h("div.card.tile-group", null,
    h("h2", null, group.title), group.bar && shareBar(group.tiles), h("div.tile-row", null, group.tiles.map(makeTile)))));
  const links = [...box.querySelectorAll("a.tile")];
  // A tile whose filter is on takes it off again.
  return function mark() {
    for (const link of links) {
      const isOn = link.dataset.view === route.view && link.dataset.params === withoutSort(route.params);
      if (isOn) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.setAttribute("href", isOn ? href(route.view) : link.dataset.href);
    }
  };
}

function makeTile(tile) {
  const content = [h("span.number", null, typeof tile.number === "number" ? thousands(tile.number) : tile.number), h("span.word", null, tile.word)];
  const kind = tile.isBad ? "critical" : tile.word.replace(/\W/g, "-");
  const state = tile.number === 0 ? "zero" : "some";
  if (!tile.view) return h(`div.tile.${kind}.${state}`, null, content);
  const address = href(tile.view, tile.params);
  return h(`a.tile.${kind}.${state}`, { href: address, "data-href": address, "data-view": tile.view, "data-params": withoutSort(tile.params) }, content);
}

function withoutSort(params) {
  const left = new URLSearchParams(params);
  left.delete("sort");
  left.sort();
  return left.toString();
}

function shareBar(tiles) {
  const total = tiles.reduce((sum, tile) => sum + tile.number, 0) || 1;
  let x = 0;
  return s("svg.share", { viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" }, tiles.map((tile) => {
    const width = (tile.number / total) * 100;
    x += width;
    return s(`rect.${tile.word}`, { x: x - width, width, height: 1 });
  }));
}

const FIRST_CAUSES = 8;

function showCauses() {
  const problems = DATA.problems;
  const box = byId("causes");
  if (!problems.length) {
    const judged = DEVICES.some((row) => row[D.health] !== "unknown");
    return void box.append(h("li.card.calm", null, judged ? "No problem was found." : "No device could be judged, so no problem is known."));
  }
  replace(box, problems.map((problem, at) => at < FIRST_CAUSES && makeCause(problem, at)));
  if (problems.length > FIRST_CAUSES) {
    const all = h("button.quiet.all-causes", { type: "button", click: showAllCauses }, `Show all ${thousands(problems.length)} causes`);
    box.after(all);
  }
}

function showAllCauses() {
  const box = byId("causes");
  const first = box.children.length;
  put(box, DATA.problems.slice(first).map((problem, at) => makeCause(problem, first + at)));
  document.querySelector(".all-causes").remove();
  box.children[first].querySelector("a").focus();
}

function makeCause(problem, at) {
  const names = problem.devices.slice(0, 6);
  const more = problem.n_devices - names.length;
  const cause = openOnly({ cause: at });
  const worst = problem.n_worst < problem.n_devices ? `, ${problem.severity} on ${thousands(problem.n_worst)}` : "";
  return h(`li.card.cause.${problem.severity}`, null, h("div.cause-main", null,
    h("div.cause-head", null,
      badge(problem.severity),
      h("h3", null, h("a", { href: href("findings", cause) }, ruleTitle(problem.rule))),
      h("a.cause-count", { href: href("devices", cause) }, h("b", null, thousands(problem.n_devices)), ` ${problem.n_devices === 1 ? "device" : "devices"}${worst}`)),
    h("p.cause-line", null, problem.failure && [h("bdi.failure", null, problem.failure), " \u00b7 "],
      h("a", { href: ruleHref(problem.rule), title: "The rule's text" }, h("span.mono", null, problem.rule))),
    problem.symptoms.length > 0 && h("p.cause-line", null, "Leads to ", problem.symptoms.slice(0, 5).map((symptom, place) => [
      place > 0 && ", ", h("a.id", { href: ruleHref(symptom.rule), title: ruleTitle(symptom.rule) }, symptom.rule),
      ` (${symptom.severity}${symptom.n_devices < problem.n_devices ? ` on ${thousands(symptom.n_devices)}` : ""})`]),
      problem.symptoms.length > 5 && ` and ${problem.symptoms.length - 5} more`),
    h("p.cause-line.where", null, sitesOf(problem.devices), names.map((name, place) => [h("span.item", null, deviceLink(name), place < names.length - 1 && ","), " "]),
      more > 0 && ["and ", h("a", { href: href("devices", cause) }, `${thousands(more)} more`)])),
    nextStep(problem.next_step, `the next step for ${problem.rule}`));
}

// "LON1 (12), FRA1 (5)": the sites with most of the devices.
function sitesOf(names) {
  const counts = new Map();
  for (const name of names) {
    const site = DEVICES[DEVICE_AT.get(name)]?.[D.site] ?? "";
    if (site) counts.set(site, (counts.get(site) ?? 0) + 1);
  }
  if (!counts.size || names.length < 2) return null;
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, 4).map(([site, count]) => `${site} (${thousands(count)})`).join(", ");
  return [h("bdi.sites", null, shown + (sorted.length > 4 ? `, ${plural(sorted.length - 4, "more site")}` : "")), ": "];
}
