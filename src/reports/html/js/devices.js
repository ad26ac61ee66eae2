// The table of devices: a row is a device of the inventory, and leads to all that is known about it.

function devicesTable() {
  const due = {
    name: "due", title: "ACK deadline", spell: dueWords,
    options: () => [["..-1", "past"], ["0..6", "within 7 days"], ["0..29", "within 30 days"], ["0..89", "within 90 days"], ["none", "not known"]],
  };
  return makeTable({
    name: "devices", noun: "device", rows: DEVICES, choose: chooseDevices,
    facets: [
      facetOf(DEVICES, D.site, "site", "Site"),
      facetOf(DEVICES, D.health, "health", "Health"),
      facetOf(DEVICES, D.status, "status", "Status"),
      facetOf(FINDINGS, F.rule, "rule", "Rule"),
      facetOf(FINDINGS, F.change, "change", "Change"),
      due,
    ],
    columns: [
      { title: "Device", class: "c-device", sort: "device" },
      { title: "Site", class: "c-site", sort: "site" },
      { title: "Health", class: "c-health", sort: "health" },
      { title: "Findings", class: "c-counts", sort: "worst_severity" },
      { title: "Status", class: "c-status", sort: "status" },
      { title: "Transport", class: "c-transport", sort: "transport" },
      { title: "Trust", class: "c-trust", sort: "trust" },
      { title: "Clock", class: "c-clock", sort: "clock_synchronized" },
      { title: "ACK deadline", class: "c-days", sort: "days_to_ack_deadline" },
    ],
    make: (at) => deviceRow(DEVICES[at]),
    open: () => h("div"),
  });
}

function dueWords(value) {
  const [from, to] = value.split("..").map(Number);
  return Number.isFinite(from) && Number.isFinite(to) ? `in ${from} to ${to} days` : value;
}

function deviceRow(row) {
  const name = row[D.device];
  const enter = (event) => {
    if (!event.target.closest("a") && !getSelection()?.toString()) go(deviceHref(name));
  };
  const system = [row[D.model], row[D.os_version]].filter(Boolean).join(" \u00b7 ");
  return h("div.row", { role: "row", click: enter },
    h("div.cell.c-device", { role: "cell" },
      h("a.device.row-main", { href: deviceHref(name), title: name }, h("bdi", null, name)), h("span.sub", null, h("bdi", null, system || row[D.address]))),
    h("div.cell.c-site", { role: "cell" }, h("bdi", null, row[D.site]), h("span.sub", null, h("bdi", null, row[D.role]))),
    h("div.cell.c-health", { role: "cell" }, badge(row[D.health])),
    h("div.cell.c-counts", { role: "cell" }, severityCounts(row)),
    h("div.cell.c-status", { role: "cell", title: row[D.status_detail] }, (row[D.status] ?? "").replaceAll("_", " "),
      row[D.status_detail] && h("span.sub", null, h("bdi", null, row[D.status_detail]))),
    h("div.cell.c-transport", { role: "cell" }, row[D.transport] ?? h("span.sub", null, "unknown")),
    h("div.cell.c-trust", { role: "cell" }, (row[D.trust] || "unknown").replaceAll("_", " ")),
    h("div.cell.c-clock", { role: "cell" }, clockWords(row[D.clock_synchronized])),
    h("div.cell.c-days", { role: "cell" }, row[D.days_to_ack_deadline] === null ? h("span.sub", null, "\u2013") : deadline(row[D.days_to_ack_deadline])));
}

const clockWords = (synchronized) =>
  synchronized === true ? "in sync" : synchronized === false ? "not in sync" : h("span.sub", null, "unknown");

const SHORT = { critical: "crit", high: "high", medium: "med", low: "low", info: "info" };

// "1 crit, 4 high" as small badges with numbers, and how many there are below these.
function severityCounts(row) {
  const found = SEVERITIES.filter((severity) => row[D[`n_${severity}`]] > 0);
  if (!found.length) return h("span.sub", null, "none");
  const words = found.map((severity) => `${row[D[`n_${severity}`]]} ${severity}`).join(", ");
  const others = found.slice(2).reduce((sum, severity) => sum + row[D[`n_${severity}`]], 0);
  return h("span.counts", { role: "img", "aria-label": words, title: words },
    found.slice(0, 2).map((severity) => h(`span.badge.${severity}`, null, `${row[D[`n_${severity}`]]} ${SHORT[severity]}`)),
    others > 0 && h("span.others", null, `+${others}`));
}
