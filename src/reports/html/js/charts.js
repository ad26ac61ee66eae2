// Charts in SVG: severity by site, open findings over the last runs, ACK deadlines by week. Each severity has a pattern and
// each bar its number, so that they are read without colour.

const CHARTS = [
  { title: "Open findings by site", draw: bySite },
  { title: "Open findings over the last runs", draw: overRuns },
  { title: "ACK deadlines by week", draw: byWeek },
];

function showCharts() {
  const box = byId("charts");
  if (box.children.length) return;
  for (const chart of CHARTS) {
    const plot = h("div.plot");
    const figure = h("figure.card.chart", null, h("figcaption", null, h("h3", null, chart.title)), plot);
    box.append(figure);
    // Drawn for the width there is, so that text keeps its size.
    let width = 0;
    new ResizeObserver(() => requestAnimationFrame(() => {
      const now = Math.floor(plot.clientWidth);
      if (now < 1 || Math.abs(now - width) < 2) return;
      width = now;
      replace(plot, chart.draw(Math.max(260, width)));
    })).observe(plot);
  }
}

let patternCount = 0;

// Patterns under names of their own: the same document has several charts.
function patterns() {
  const id = `p${(patternCount += 1)}`;
  const pattern = (severity, size, ...marks) => s("pattern", {
    id: `${id}-${severity}`, width: size, height: size, patternUnits: "userSpaceOnUse",
    patternTransform: severity === "high" ? "rotate(45)" : null,
  }, s(`rect.fill.${severity}`, { width: size, height: size }), marks);
  const defs = s("defs", null,
    pattern("critical", 8),
    pattern("high", 6, s("rect.mark.high", { width: 2.4, height: 6 })),
    pattern("medium", 7, s("circle.mark.medium", { cx: 3.5, cy: 3.5, r: 1.5 })),
    pattern("low", 6, s("rect.mark.low", { y: 2, width: 6, height: 1.6 })),
    pattern("info", 8));
  return { defs, of: (severity) => `url(#${id}-${severity})` };
}

function legend(severities) {
  const { defs, of } = patterns();
  return h("ul.legend", null, severities.map((severity, at) => h("li", null,
    s("svg", { width: 16, height: 12, "aria-hidden": "true" }, at === 0 && defs,
      s(`rect.bar.${severity}`, { x: 0.5, y: 0.5, width: 15, height: 11, rx: 2, fill: of(severity) })),
    severity)));
}

// A picture of a chart; its numbers are texts in it, and `label` says what it is.
const picture = (width, height, label, ...children) =>
  s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label }, s("title", null, label), children);

const segmentLink = (address, title, ...shapes) => s("a", { href: address, "aria-label": title }, s("title", null, title), shapes);

function bySite(width) {
  const sites = new Map();
  for (const row of FINDINGS) {
    if (!isOpen(row)) continue;
    const site = row[F.site] ?? "";
    if (!sites.has(site)) sites.set(site, { site, total: 0, counts: SEVERITIES.map(() => 0) });
    const entry = sites.get(site);
    entry.counts[SEVERITIES.indexOf(row[F.severity])] += 1;
    entry.total += 1;
  }
  const worst = (a, b) => {
    const at = a.counts.findIndex((count, place) => count !== b.counts[place]);
    return at < 0 ? collator.compare(a.site, b.site) : b.counts[at] - a.counts[at];
  };
  const sorted = [...sites.values()].sort(worst);
  if (!sorted.length) return h("p.sub", null, "No open findings.");
  const shown = sorted.slice(0, 8);
  const most = Math.max(...shown.map((entry) => entry.total));
  const longest = Math.max(...shown.map((entry) => (entry.site || "(no site)").length));
  const [line, label] = [28, Math.min(longest * 7.5 + 12, 120, width * 0.3)];
  const room = width - label - 48;
  const { defs, of } = patterns();
  const rows = shown.map((entry, index) => {
    const y = index * line + 4;
    let x = label;
    const name = entry.site || "(no site)";
    const parts = SEVERITIES.map((severity, at) => {
      const count = entry.counts[at];
      if (!count) return null;
      const size = Math.max(2, (count / most) * room);
      const shape = segmentLink(href("findings", openOnly({ site: entry.site, severity })), `${name}: ${plural(count, severity + " finding")}`,
        s(`rect.bar.${severity}`, { x, y, width: size, height: line - 8, fill: of(severity) }),
        size > String(count).length * 8 + 8 && s("text.inside", { x: x + size / 2, y: y + 14, "text-anchor": "middle" }, thousands(count)));
      x += size;
      return shape;
    });
    const short = name.length * 7.5 > label ? name.slice(0, Math.floor(label / 7.5) - 1) + "\u2026" : name;
    return [
      segmentLink(href("findings", openOnly({ site: entry.site })), `${name}: ${plural(entry.total, "open finding")}`,
        s("text.name", { x: label - 10, y: y + 14, "text-anchor": "end" }, short)),
      parts,
      s("text.total", { x: x + 6, y: y + 14 }, thousands(entry.total)),
    ];
  });
  const rest = sorted.length - shown.length;
  return [
    legend(SEVERITIES.filter((_, at) => sorted.some((entry) => entry.counts[at]))),
    picture(width, shown.length * line + 4, "Open findings by site and severity", defs, rows),
    rest > 0 && h("p.sub", null, `The ${shown.length} worst of ${plural(sorted.length, "site")}.`),
  ];
}

function overRuns(width) {
  const runs = DATA.history.slice(-Math.max(2, Math.floor(width / 36)));
  const alone = runs.length < 2 && h("p.sub", null, "No other run is on record. From the next one on, this chart shows whether it gets better.");
  if (!runs.length) return alone;
  const totals = runs.map((run) => SEVERITIES.reduce((sum, severity) => sum + (run[severity] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const [height, top, bottom] = [230, 22, 34];
  const room = height - top - bottom;
  const step = width / runs.length;
  const wide = Math.min(46, step * 0.68);
  const { defs, of } = patterns();
  const every = Math.ceil(52 / step);
  const bars = runs.map((run, index) => {
    const x = index * step + (step - wide) / 2;
    let y = top + room;
    const parts = [...SEVERITIES].reverse().map((severity) => {
      const size = ((run[severity] ?? 0) / most) * room;
      y -= size;
      return size > 0 && s(`rect.bar.${severity}`, { x, y, width: wide, height: size, fill: of(severity) });
    });
    const words = SEVERITIES.map((severity) => `${thousands(run[severity] ?? 0)} ${severity}`).join(", ");
    const isLast = index === runs.length - 1;
    const label = `${moment(run.started_utc)}: ${thousands(totals[index])} open (${words})`;
    return s("g", { role: "img", "aria-label": label }, s("title", null, label), parts,
      s(isLast ? "text.total" : "text.name", { x: x + wide / 2, y: y - 6, "text-anchor": "middle" }, compact(totals[index])),
      (runs.length - 1 - index) % every === 0 &&
        s(isLast ? "text.total" : "text.name", { x: x + wide / 2, y: height - 14, "text-anchor": "middle" }, day(Date.parse(run.started_utc))));
  });
  return [
    legend(SEVERITIES.filter((severity) => runs.some((run) => run[severity]))),
    picture(width, height, "Open findings over the last runs, by severity", defs,
      s("line.axis", { x1: 0, x2: width, y1: top + room + 0.5, y2: top + room + 0.5 }), bars),
    alone || h("p.sub", null, `${change(totals.at(-2), totals.at(-1))} since the run before.`),
  ];

  function change(before, now) {
    return before === now ? "As many" : `${plural(Math.abs(now - before), "finding")} ${now > before ? "more" : "fewer"}`;
  }
}

// 9,999 as it is, 12,345 as 12k: there is little room over a bar.
const compact = (number) => (number < 10000 ? thousands(number) : `${Math.round(number / 1000)}k`);

function byWeek(width) {
  const known = DEVICES.map((row) => row[D.days_to_ack_deadline]).filter((days) => days !== null);
  const missing = DEVICES.length - known.length;
  const note = missing > 0 && h("p.sub", null, h("a", { href: href("devices", { due: "none" }) }, plural(missing, "device")), " without a known deadline.");
  if (!known.length) return [h("p.sub", null, "No device shows a deadline."), note];
  const weeks = 13;
  const start = Date.parse(DATA.run.started_utc);
  const count = (from, to) => known.filter((days) => days >= from && days <= to).length;
  const bins = [{ name: "past", due: "..-1", words: "past their deadline", count: count(-Infinity, -1), past: true }];
  for (let week = 0; week < weeks; week += 1) {
    const [from, to] = [week * 7, week * 7 + 6];
    const name = day(start + from * 86400000);
    bins.push({ name, due: `${from}..${to}`, words: `due in the week from ${name}`, count: count(from, to) });
  }
  bins.push({ name: "later", due: `${weeks * 7}..`, words: "due later", count: count(weeks * 7, Infinity) });
  const most = Math.max(...bins.map((bin) => bin.count));
  const [height, top, bottom] = [230, 22, 34];
  const room = height - top - bottom;
  const step = width / bins.length;
  const every = Math.ceil(48 / step);
  const { defs, of } = patterns();
  const bars = bins.map((bin, index) => {
    const size = (bin.count / most) * room;
    const [x, y, wide] = [index * step + step * 0.13, top + room - size, step * 0.74];
    const label = `${plural(bin.count, "device")} ${bin.words}`;
    const isEnd = bin.past || index === bins.length - 1;
    return [
      segmentLink(href("devices", { due: bin.due, sort: "days_to_ack_deadline" }), label,
        s("rect.hit", { x: index * step, y: 0, width: step, height }),
        bin.count > 0 && s(bin.past ? "rect.bar.critical" : "rect.bar.plain", { x, y, width: wide, height: Math.max(2, size), fill: bin.past ? of("critical") : null }),
        s(bin.count ? "text.total" : "text.name", { x: x + wide / 2, y: y - 6, "text-anchor": "middle" }, bin.count ? thousands(bin.count) : "0")),
      (isEnd || (index % every === 0 && index + every < bins.length)) &&
        s("text.name", { x: x + wide / 2, y: height - 14, "text-anchor": "middle" }, bin.name),
    ];
  });
  return [
    picture(width, height, "Devices by the week of their next ACK deadline", defs,
      s("line.axis", { x1: 0, x2: width, y1: top + room + 0.5, y2: top + room + 0.5 }), bars),
    h("p.sub", null, "By each device's own clock. A bar leads to its devices."), note,
  ];
}
