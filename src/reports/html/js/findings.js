// The table of findings: a row is a finding; opened, it shows the evidence and what to do.

function findingsTable() {
  const facets = [
    facetOf(FINDINGS, F.site, "site", "Site"),
    facetOf(FINDINGS, F.rule, "rule", "Rule"),
    facetOf(FINDINGS, F.change, "change", "Change"),
    { name: "state", title: "State", options: stateOptions },
    facetOf(DEVICES, D.status, "status", "Device status"),
  ];
  // The numbers beside a status would be devices, in a table of findings.
  const statuses = facets[4].options;
  facets[4].options = () => statuses().map(([value]) => [value, value.replaceAll("_", " ")]);
  return makeTable({
    name: "findings", noun: "finding", rows: FINDINGS, choose: chooseFindings, facets,
    columns: [
      { title: "Severity", class: "c-severity", sort: "severity" },
      { title: "Finding", class: "c-title", sort: "title" },
      { title: "Device", class: "c-device", sort: "device" },
      { title: "Site", class: "c-site", sort: "site" },
      { title: "Observed", class: "c-observed", sort: "observed" },
      { title: "Deadline", class: "c-days", sort: "days_left" },
      { title: "Change", class: "c-change", sort: "change" },
    ],
    make: (at) => findingRow(at),
    open: (at) => findingDetail(FINDINGS[at], true),
  });
}

function stateOptions() {
  const counts = new Map([["open", 0], ["waived", 0], ["resolved", 0]]);
  for (const row of FINDINGS) counts.set(stateOf(row), counts.get(stateOf(row)) + 1);
  return [...counts].filter(([, count]) => count).map(([state, count]) => [state, `${state}  (${thousands(count)})`]);
}

function findingRow(at) {
  const row = FINDINGS[at];
  const state = stateOf(row);
  const main = h("button.row-main", { type: "button", "aria-expanded": "false" }, row[F.title]);
  const toggle = (event) => {
    // A click that ends a selection of text, or is on a link, is not meant for the row.
    if (event.target.closest("a, .row-detail") || (getSelection()?.toString() && event.detail)) return;
    TABLES.findings.toggle(at);
  };
  return h(`div.row.is-${state}`, { role: "row", click: toggle },
    h("div.cell.c-severity", { role: "cell" }, badge(row[F.severity])),
    h("div.cell.c-title", { role: "cell" }, main,
      h("span.sub", { title: [row[F.rule], row[F.subject]].filter(Boolean).join(", ") }, h("span.mono", null, row[F.rule]),
        row[F.subject] && [" \u00b7 ", h("bdi", null, row[F.subject])])),
    h("div.cell.c-device", { role: "cell" }, deviceLink(row[F.device])),
    h("div.cell.c-site", { role: "cell" }, h("bdi", null, row[F.site])),
    h("div.cell.c-observed", { role: "cell", title: row[F.observed] }, h("bdi.clamp", null, row[F.observed])),
    h("div.cell.c-days", { role: "cell" }, row[F.days_left] === null ? h("span.sub", null, "\u2013") : deadline(row[F.days_left])),
    h("div.cell.c-change", { role: "cell" }, state === "waived" ? "waived" : (row[F.change] ?? "")));
}

const deadline = (days) => h(days < 0 ? "strong" : "span", null, daysLeft(days));

function deviceLink(name) {
  return DEVICE_AT.has(name) ? h("a.device", { href: deviceHref(name), title: name }, h("bdi", null, name)) : h("bdi", null, name ?? "");
}

// All there is to say about a finding.
function findingDetail(row, withDevice) {
  const cause = row[F.cause];
  const pair = (title, ...content) => h("div.pair", null, h("dt", null, title), h("dd", null, content));
  const evidence = row[F.evidence] || row[F.evidence_command];
  return h("div.finding-detail", null,
    h("dl.pairs", null,
      pair("Observed", h("bdi", null, row[F.observed])),
      row[F.expected] && pair("Expected", h("bdi", null, row[F.expected])),
      cause && pair("Because", RULES.has(cause) ? [h("a", { href: ruleHref(cause) }, cause), ` \u2013 ${ruleTitle(cause)}`] : `failure of kind ${cause}`),
      row[F.deadline_utc] && pair("Deadline", `${moment(row[F.deadline_utc])} (${daysLeft(row[F.days_left])})`),
      row[F.state] && row[F.state] !== "open" && pair("Waiver", waiver(row))),
    evidence && evidenceBlock({ command: row[F.evidence_command], line: row[F.evidence_line], text: row[F.evidence] }),
    nextStep(row[F.next_step], `the next step for ${row[F.device]}`),
    h("p.sub.facts-line", null,
      withDevice && [h("a", { href: deviceHref(row[F.device]) }, "Everything about ", h("bdi", null, row[F.device])), " \u00b7 "],
      h("a", { href: ruleHref(row[F.rule]) }, `Why ${row[F.rule]} matters`),
      ` \u00b7 first seen ${moment(row[F.first_seen_utc], false)} \u00b7 in ${plural(row[F.runs_seen] ?? 1, "run")} \u00b7 `,
      h("span.mono", null, row[F.fingerprint])));
}

function waiver(row) {
  const until = row[F.waiver_until] ? ` until ${row[F.waiver_until]}` : "";
  const state = row[F.state] === "waived" ? "waived" : "waiver expired,";
  return `${state}${until}${row[F.waiver_reason] ? ": " + row[F.waiver_reason] : ""}`;
}

// The line that proves a thing, with its command and line number.
function evidenceBlock({ command, line, text }) {
  return h("figure.evidence", null,
    h("figcaption", null, h("span.mono", null, command), line ? `, line ${thousands(line)}` : ""),
    h("pre", null, h("bdi", null, text)));
}
