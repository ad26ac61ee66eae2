// The data block: rows with named columns, and what can be looked up in them.

const DATA = readData();

function readData() {
  const element = document.getElementById("data");
  const data = JSON.parse(element.textContent);
  // The text is several megabytes; nobody needs it twice.
  element.remove();
  decode(data);
  return { problems: [], not_judged: [], history: [], blocks: [], ...data };
}

// Cells of the columns in `coded` are places in `strings`.
function decode(data) {
  const coded = new Set(data.coded ?? []);
  const places = data.finding_columns.flatMap((name, at) => (coded.has(name) ? [at] : []));
  for (const row of data.findings) {
    for (const at of places) {
      if (typeof row[at] === "number") row[at] = data.strings[row[at]];
    }
  }
}

// Column name -> place.
const F = Object.fromEntries(DATA.finding_columns.map((name, at) => [name, at]));
const D = Object.fromEntries(DATA.device_columns.map((name, at) => [name, at]));

const FINDINGS = DATA.findings;
const DEVICES = DATA.blocks.flatMap((block) => block.rows);
// For each device its block, and its place in it.
const BLOCK_OF = DATA.blocks.flatMap((block) => block.rows.map((_, at) => [block, at]));
const RULES = new Map(DATA.rules.map((rule) => [rule.id, rule]));

const DEVICE_AT = new Map(DEVICES.map((row, at) => [row[D.device], at]));
// For each finding the place of its device, -1 where there is none; for each device the places of its findings.
const DEVICE_OF = FINDINGS.map((row) => DEVICE_AT.get(row[F.device]) ?? -1);
const FINDINGS_OF = DEVICES.map(() => []);
DEVICE_OF.forEach((device, at) => device >= 0 && FINDINGS_OF[device].push(at));

// "open" is what counts; a waived finding and one that is gone are shown, and count nowhere.
const stateOf = (row) => (row[F.change] === "resolved" ? "resolved" : row[F.state] === "waived" ? "waived" : "open");
const isOpen = (row) => stateOf(row) === "open";
const ALL_OPEN = FINDINGS.every(isOpen);
// Parameters for a link that names a number of open findings.
const openOnly = (params) => (ALL_OPEN ? params : { ...params, state: "open" });

const ruleTitle = (id) => RULES.get(id)?.title ?? id;

// The details of a device: facts, evidence, verdicts. `null` where there are none.
async function details(at) {
  const [block, place] = BLOCK_OF[at] ?? [];
  if (!block?.details) return null;
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser cannot unpack the details; they are in report.json");
  }
  const bytes = Uint8Array.from(atob(block.details), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text())[place] ?? null;
}

// How often each value of a column occurs, in the order of the values.
function tally(rows, at) {
  const counts = new Map();
  for (const row of rows) {
    const value = row[at] ?? "";
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return new Map([...counts].sort((a, b) => collator.compare(a[0], b[0])));
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
