// Which rows a set of filters leaves, and in which order. Ten thousand rows take a few milliseconds: text to search in is
// joined once, and an order is made once a column.

const texts = new WeakMap();

// Everything of each row in one lower-case text.
function searchTexts(rows) {
  if (!texts.has(rows)) texts.set(rows, rows.map((row) => row.join("\n").toLowerCase()));
  return texts.get(rows);
}

const list = (params, name) => (params.get(name) ?? "").split(",").filter(Boolean);

// Tests on one finding that the filters ask for.
function findingTests(params) {
  const tests = [];
  const severities = list(params, "severity");
  if (severities.length) tests.push((row) => severities.includes(row[F.severity]));
  for (const name of ["rule", "change"]) {
    if (params.has(name)) tests.push(equals(F[name], params.get(name)));
  }
  if (params.has("state")) tests.push((row) => stateOf(row) === params.get("state"));
  const problem = DATA.problems[Number(params.get("cause") ?? -1)];
  if (problem) {
    const devices = new Set(problem.devices);
    const rules = new Set([problem.rule, ...problem.symptoms.map((symptom) => symptom.rule)]);
    tests.push((row) => devices.has(row[F.device]) && rules.has(row[F.rule]));
  }
  return tests;
}

function deviceTests(params) {
  const tests = [];
  for (const name of ["site", "status", "health"]) {
    if (params.has(name)) tests.push(equals(D[name], params.get(name)));
  }
  if (params.has("due")) tests.push(dueTest(params.get("due")));
  return tests;
}

function equals(at, value) {
  return (row) => (row[at] ?? "") === value;
}

// "..-1", "0..6", "none": days to the ACK deadline.
function dueTest(text) {
  if (text === "none") return (row) => row[D.days_to_ack_deadline] === null;
  const [from, to] = text.split("..").map((end) => (end.trim() === "" ? NaN : Number(end)));
  return (row) => {
    const days = row[D.days_to_ack_deadline];
    return days !== null && !(days < from) && !(days > to);
  };
}

const all = (tests, row) => tests.every((test) => test(row));

function searchTest(rows, params) {
  const words = (params.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const searched = searchTexts(rows);
  return (at) => words.every((word) => searched[at].includes(word));
}

// Places of the findings that are left, in order.
function chooseFindings(params) {
  const tests = findingTests(params);
  const ofDevice = deviceTests(params);
  const search = searchTest(FINDINGS, params);
  return order(FINDINGS, params.get("sort"), FINDING_KEYS).filter((at) => {
    const device = DEVICES[DEVICE_OF[at]];
    return all(tests, FINDINGS[at]) && (!ofDevice.length || (device && all(ofDevice, device))) && (!search || search(at));
  });
}

// Places of the devices that are left: one with at least one finding that passes all filters on findings.
function chooseDevices(params) {
  const tests = deviceTests(params);
  const ofFinding = findingTests(params);
  const search = searchTest(DEVICES, params);
  const hit = (at) => FINDINGS_OF[at].some((finding) => all(ofFinding, FINDINGS[finding]));
  return order(DEVICES, params.get("sort") ?? "worst_severity", DEVICE_KEYS).filter(
    (at) => all(tests, DEVICES[at]) && (!ofFinding.length || hit(at)) && (!search || search(at)),
  );
}

// What a column is sorted by; without an entry the cell itself.
const rank = (severity) => {
  const at = SEVERITIES.indexOf(severity);
  return at < 0 ? null : at;
};
const FINDING_KEYS = { severity: (row) => rank(row[F.severity]) };
const DEVICE_KEYS = {
  worst_severity: (row) => {
    const weight = row[D.n_critical] * 1e12 + row[D.n_high] * 1e8 + row[D.n_medium] * 1e4 + row[D.n_low] * 10 + Math.min(row[D.n_info], 9);
    // Behind those with findings the ones that nothing is known about; healthy ones come last.
    return weight ? -weight : row[D.health] === "unknown" ? 1 : null;
  },
};

const orders = new WeakMap();

// Places of all rows by a column, "-column" for the other way; empty cells come last both ways.
function order(rows, sort, keys) {
  if (!orders.has(rows)) orders.set(rows, new Map([["", rows.map((_, at) => at)]]));
  const known = orders.get(rows);
  const name = (sort ?? "").replace(/^-/, "");
  const at = (rows === FINDINGS ? F : D)[name];
  if (at === undefined) return known.get("");
  if (!known.has(sort)) {
    const ranks = columnRanks(rows, keys[name] ?? ((row) => row[at]));
    const sign = sort.startsWith("-") ? -1 : 1;
    const places = [...known.get("")];
    places.sort((a, b) => {
      const [left, right] = [ranks[a], ranks[b]];
      if (left < 0 || right < 0) return left < 0 && right < 0 ? a - b : right - left;
      return (left - right) * sign || a - b;
    });
    known.set(sort, places);
  }
  return known.get(sort);
}

// The place of each row's value among all values; -1 for an empty one. Values repeat, so few have to be compared.
function columnRanks(rows, key) {
  const values = rows.map(key);
  const distinct = [...new Set(values)].filter((value) => value !== null && value !== undefined && value !== "");
  distinct.sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b))));
  const places = new Map(distinct.map((value, at) => [value, at]));
  return values.map((value) => places.get(value) ?? -1);
}
