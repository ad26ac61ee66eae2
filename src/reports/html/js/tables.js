// The tables of findings and of devices: search, filters, columns to sort by, rows.

// The value of a select that filters nothing; an empty one asks for empty cells.
const ANY = "\u0000";

// A table with its controls in a section of the page.
function makeTable({ name, rows, columns, facets, choose, make, open, noun }) {
  const section = byId(name);
  const list = new Rows(make, open);
  const search = h("input", {
    type: "search", id: `${name}-search`, placeholder: `Search ${name}`, autocomplete: "off", spellcheck: "false",
    input: () => change((params) => params.set("q", search.value), true),
    keydown: (event) => event.key === "Escape" && (search.value ? null : search.blur()),
  });
  const count = h("p.count", { role: "status", "aria-live": "polite" });
  const clear = h("button.quiet", { type: "button", click: () => change((params) => clearAll(params)) }, "Clear filters");
  const boxes = new Map(SEVERITIES.map((severity) => [severity, h("input", { type: "checkbox", change: pickSeverities })]));
  const selects = new Map(facets.map((facet) => [facet.name, makeSelect(facet)]));
  const sort = h("select", { id: `${name}-sort`, change: () => change((params) => params.set("sort", sort.value)) },
    h("option", { value: "" }, "worst first"),
    columns.filter((column) => column.sort).flatMap((column) => [
      h("option", { value: column.sort }, `${column.title}, up`),
      h("option", { value: "-" + column.sort }, `${column.title}, down`),
    ]));
  const more = h("button.quiet.more", { type: "button", "aria-expanded": "false", click: showMore }, "Filters");
  const filters = h("div.filters", { id: `${name}-filters` },
    h("fieldset.severities", null, h("legend.unseen", null, "Severity"),
      SEVERITIES.map((severity) => h("label", null, boxes.get(severity), badge(severity)))),
    facets.map((facet) => h("label.facet", null, h("span", null, facet.title), selects.get(facet.name))),
    h("label.facet.only-narrow", null, h("span", null, "Sort by"), sort));
  const chips = h("div.chips");
  const tools = h("div.tools", { role: "search" },
    h("div.search", null, h("label.unseen", { for: search.id }, `Search ${name}`), search,
      h("kbd", { "aria-hidden": "true", title: "The key / goes to the search" }, "/"), more, clear, count),
    filters, chips);
  const head = h("div.row.head", { role: "row", "aria-rowindex": 1 }, columns.map(makeHead));
  const table = h(`div.table.${name}-table`, { role: "table", "aria-labelledby": `${name}-title`, "aria-rowcount": rows.length + 1 },
    h("div.head-group", { role: "rowgroup" }, head), list.element);
  if (!rows.length) section.append(h("p.card.calm", null, `There are no ${noun}s.`));
  const none = h("p.none", { hidden: true }, `No ${noun} passes these filters. `,
    h("button.quiet", { type: "button", click: () => change((params) => clearAll(params)) }, "Clear filters"));
  section.append(tools, table, none);
  tools.hidden = !rows.length;
  let written = 0;
  let chosen = [];

  function makeHead(column) {
    if (!column.sort) return h(`div.cell.${column.class}`, { role: "columnheader" }, column.title);
    const press = () => {
      const now = route.params.get("sort");
      const [first, second] = column.descends ? ["-", ""] : ["", "-"];
      const next = now === first + column.sort ? second + column.sort : now === second + column.sort ? "" : first + column.sort;
      change((params) => (next ? params.set("sort", next) : params.delete("sort")));
    };
    return h(`div.cell.${column.class}`, { role: "columnheader", "data-sort": column.sort },
      h("button", { type: "button", click: press }, column.title));
  }

  function makeSelect(facet) {
    const options = [[ANY, "any"], ...facet.options()];
    const select = h("select", { change: () => change((params) => setOrDelete(params, facet.name, select.value)) },
      options.map(([, label]) => h("option", null, label)));
    // As properties: an attribute would spell out what cannot be seen.
    facet.values = options.map(([value]) => value);
    facet.values.forEach((value, place) => (select.options[place].value = value));
    return select;
  }

  function setOrDelete(params, key, value) {
    if (value === ANY) params.delete(key);
    else params.set(key, value);
  }

  function pickSeverities() {
    const picked = SEVERITIES.filter((severity) => boxes.get(severity).checked);
    change((params) => (picked.length ? params.set("severity", picked.join(",")) : params.delete("severity")));
  }

  function clearAll(params) {
    for (const key of [...params.keys()]) if (key !== "sort") params.delete(key);
    search.value = "";
  }

  function showMore() {
    const isOpen = tools.classList.toggle("more-open");
    more.setAttribute("aria-expanded", String(isOpen));
  }

  // Changes the filters, and the address: while someone types, once the typing stops.
  function change(edit, isTyping = false) {
    const params = new URLSearchParams(route.params);
    edit(params);
    if (!params.get("q")) params.delete("q");
    if (!params.get("sort")) params.delete("sort");
    clearTimeout(written);
    written = 0;
    if (!isTyping) return void go(href(name, params));
    route.params = params;
    written = setTimeout(() => {
      written = 0;
      go(href(name, params), true);
    }, 300);
    apply(params);
  }

  // Shows what the filters leave.
  function apply(params) {
    const start = performance.now();
    chosen = choose(params);
    if (!written) search.value = params.get("q") ?? "";
    const severities = (params.get("severity") ?? "").split(",");
    for (const [severity, box] of boxes) box.checked = severities.includes(severity);
    let active = severities[0] ? 1 : 0;
    for (const facet of facets) {
      const value = params.get(facet.name);
      selects.get(facet.name).value = value !== null && facet.values.includes(value) ? value : ANY;
      active += value === null ? 0 : 1;
    }
    sort.value = params.get("sort") ?? "";
    for (const cell of head.children) {
      const by = params.get("sort");
      const order = !by ? null : by === cell.dataset.sort ? "ascending" : by === "-" + cell.dataset.sort ? "descending" : null;
      if (order) cell.setAttribute("aria-sort", order);
      else cell.removeAttribute("aria-sort");
    }
    replace(chips, chipsOf(params));
    chips.hidden = !chips.children.length;
    clear.hidden = !active && !params.get("q") && chips.hidden;
    more.textContent = active ? `Filters (${active})` : "Filters";
    count.textContent = chosen.length === rows.length
      ? plural(rows.length, noun) : `${thousands(chosen.length)} of ${plural(rows.length, noun)}`;
    none.hidden = chosen.length > 0 || !rows.length;
    table.hidden = !chosen.length;
    table.setAttribute("aria-rowcount", chosen.length + 1);
    // What is filtered begins at its beginning.
    const edge = table.getBoundingClientRect().top - stickyEnd();
    if (edge < 0 && isLive()) scrollBy(0, edge);
    list.set(chosen);
    performance.measure(`filter ${name}`, { start });
  }

  // Where what stays in sight above the rows ends.
  function stickyEnd() {
    const isSticky = getComputedStyle(tools).position === "sticky";
    return byId("tabs").offsetHeight + (isSticky ? tools.offsetHeight : 0);
  }

  new ResizeObserver(() => section.style.setProperty("--tools-end", `${stickyEnd()}px`)).observe(tools);

  const isLive = () => route.view === name && !section.hidden;

  // Filters that have no control of their own.
  function chipsOf(params) {
    const found = [];
    const chip = (key, text) => found.push(h("button.chip", {
      type: "button", "aria-label": `Remove the filter ${text}`, click: () => change((next) => next.delete(key)),
    }, text, h("span", { "aria-hidden": "true" }, "\u00d7")));
    const problem = DATA.problems[Number(params.get("cause") ?? -1)];
    if (problem) chip("cause", `Cause: ${problem.rule}${problem.failure ? ", " + problem.failure : ""}`);
    for (const facet of facets) {
      const value = params.get(facet.name);
      if (value !== null && !facet.values.includes(value)) chip(facet.name, `${facet.title}: ${facet.spell?.(value) ?? value}`);
    }
    return found;
  }

  return { apply, search, chosen: () => chosen, columns, make, toggle: (item) => list.toggle(item) };
}

// A select for the values that a column has.
function facetOf(rows, at, name, title, spell = (value) => value.replaceAll("_", " ")) {
  const options = () => [...tally(rows, at)].map(([value, count]) =>
    [value, `${value === "" ? "(none)" : spell(value)}  (${thousands(count)})`]);
  return { name, title, options };
}
