// Puts the page together, and shows the part that the address names.

const TABLES = {};

const TABS = [
  ["overview", "Overview", () => null],
  ["findings", "Findings", () => FINDINGS.length],
  ["devices", "Devices", () => DEVICES.length],
  ["not-judged", "Not judged", () => DATA.not_judged.reduce((sum, group) => sum + group.devices.length, 0)],
  ["rules", "Rules", () => DATA.rules.length],
];

function showTabs() {
  const links = TABS.map(([view, title, count]) => h("a", { href: href(view), "data-view": view }, title,
    count() !== null && h("span.tab-count", null, thousands(count()))));
  const bar = put(byId("tabs"), links);
  return function mark() {
    for (const link of links) {
      const { view } = link.dataset;
      const isHere = view === route.view || (view === "devices" && route.view === "device");
      if (isHere) {
        link.setAttribute("aria-current", "page");
        bar.scrollLeft = link.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
      } else link.removeAttribute("aria-current");
      // Each part is left as it was.
      link.setAttribute("href", href(view, lastParams.get(view)));
    }
  };
}

function show(view, id, params) {
  for (const section of document.querySelectorAll("main > .view")) section.hidden = section.id !== view;
  if (view === "overview") showCharts();
  if (view === "findings") (TABLES.findings ??= findingsTable()).apply(params);
  if (view === "devices") (TABLES.devices ??= devicesTable()).apply(params);
  if (view === "device") showDevice(id);
  if (view === "not-judged") showNotJudged();
  if (view === "rules") showRules();
}

// Where the reader's eyes and keyboard are after a change of part.
function arrive(now, before, isBack) {
  if (isBack || !before.view) return;
  if (now.view === "rules" && now.id && pointAt(now.id)) return;
  if (now.view === before.view && now.id === before.id) return;
  // Its beginning right below the tabs: where those are out of sight, or so low that little can be seen.
  const top = byId("main").getBoundingClientRect().top - byId("tabs").offsetHeight;
  if (top < 0 || top > innerHeight / 2) scrollBy(0, top);
  byId(now.view).querySelector("h2")?.focus({ preventScroll: true });
}

function listenToKeys() {
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, select, textarea")) return;
    event.preventDefault();
    const here = byId(`${route.view}-search`);
    if (!here) go(href("findings", lastParams.get("findings")));
    // The address changes after this event.
    setTimeout(() => (byId(`${route.view}-search`) ?? here)?.focus(), here ? 0 : 60);
  });
}

// Texts to search in are made while nobody waits.
function prepareLater() {
  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 300));
  later(() => searchTexts(FINDINGS));
  later(() => searchTexts(DEVICES));
}

function start() {
  showRun();
  const markTiles = showTiles();
  const markTabs = showTabs();
  showCauses();
  followRoute((now, before, isBack) => {
    show(now.view, now.id, now.params);
    markTiles();
    markTabs();
    arrive(now, before, isBack);
    if (!before.view && now.view === "rules" && now.id) pointAt(now.id);
  });
  listenToKeys();
  followPrint();
  prepareLater();
  document.documentElement.dataset.ready = "true";
}

start();
