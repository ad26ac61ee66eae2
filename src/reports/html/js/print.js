// On paper every part is shown, each from a new page, and the tables have real rows: the first ones that the filters leave.

const PRINTED = 300;
const PRINTED_CAUSES = 20;

function followPrint() {
  addEventListener("beforeprint", preparePrint);
  addEventListener("afterprint", afterPrint);
}

function preparePrint() {
  // A device that is open is printed alone.
  document.documentElement.classList.toggle("print-device", route.view === "device");
  if (route.view === "device") {
    for (const part of byId("device").querySelectorAll("details")) part.open = true;
    return;
  }
  printCauses();
  showCharts();
  showNotJudged();
  showRules();
  printTable("findings", chooseFindings(paramsOf("findings")), (at) => printedFinding(FINDINGS[at]),
    ["Severity", "Finding", "Device", "Site", "Observed", "Deadline"]);
  printTable("devices", chooseDevices(paramsOf("devices")), (at) => printedDevice(DEVICES[at]),
    ["Device", "Site", "Health", "Findings", "Status", "Transport", "Trust", "Deadline"]);
}

// More causes than the screen shows at first, but no book of them.
function printCauses() {
  const box = byId("causes");
  const shown = box.children?.length ?? 0;
  const more = DATA.problems.slice(shown, PRINTED_CAUSES).map((problem, at) => makeCause(problem, shown + at));
  more.forEach((cause) => cause.classList.add("printed"));
  put(box, more);
  const left = DATA.problems.length - shown - more.length;
  if (left > 0) box.after(h("p.printed.sub", null, `The first ${shown + more.length} of ${plural(DATA.problems.length, "cause")}.`));
}

const paramsOf = (view) => (route.view === view ? route.params : (lastParams.get(view) ?? new URLSearchParams()));

function printTable(name, places, row, titles) {
  const shown = places.slice(0, PRINTED);
  const left = places.length - shown.length;
  const file = name === "findings" ? "findings.csv" : "devices.csv";
  byId(name).append(h("div.printed", null,
    h("p.sub", null, left > 0 ? `The first ${thousands(shown.length)} of ${thousands(places.length)} rows; all are in ${file}.` : `${thousands(places.length)} rows.`),
    h("table", null, h("thead", null, h("tr", null, titles.map((title) => h("th", null, title)))), h("tbody", null, shown.map(row)))));
}

function printedFinding(row) {
  return h("tr", null, h("td", null, badge(row[F.severity])), h("td", null, row[F.title], h("br"), h("span.sub", null, row[F.rule])),
    h("td", null, h("bdi", null, row[F.device])), h("td", null, h("bdi", null, row[F.site])),
    h("td", null, h("bdi", null, row[F.observed])), h("td", null, daysLeft(row[F.days_left])));
}

function printedDevice(row) {
  return h("tr", null, h("td", null, h("bdi", null, row[D.device])), h("td", null, h("bdi", null, row[D.site])), h("td", null, badge(row[D.health])),
    h("td", null, SEVERITIES.filter((severity) => row[D[`n_${severity}`]]).map((severity) => `${row[D[`n_${severity}`]]} ${SHORT[severity]}`).join(", ")), h("td", null, (row[D.status] ?? "").replaceAll("_", " ")), h("td", null, row[D.transport] ?? ""),
    h("td", null, row[D.trust] ?? ""), h("td", null, daysLeft(row[D.days_to_ack_deadline])));
}

function afterPrint() {
  for (const printed of document.querySelectorAll(".printed")) printed.remove();
  document.documentElement.classList.remove("print-device");
}
