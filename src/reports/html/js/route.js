// The part of the address behind `#`: which part of the report is shown and how it is filtered, so that a view can be
// bookmarked and the browser's Back and Forward work.
//
//   #/findings?severity=critical,high&site=LON1&q=dns&sort=-days_left     #/device/lon1-acc-04     #/rules/ack-overdue

const VIEWS = ["overview", "findings", "devices", "device", "not-judged", "rules"];

let route = { view: "", id: "", params: new URLSearchParams() };
// The last filters of each table, so that a tab leads back to them.
const lastParams = new Map();
// Where each address was scrolled to, for Back and Forward.
const scrolled = new Map();
// True between a click on a link and the change of address that it makes.
let clicked = false;
let current = "";

const href = (view, params) => {
  const query = params instanceof URLSearchParams ? params : new URLSearchParams(params ?? {});
  // Commas separate severities and are read better plain.
  const text = query.toString().replaceAll("%2C", ",");
  return `#/${view}${text ? "?" + text : ""}`;
};
const deviceHref = (name) => `#/device/${encodeURIComponent(name)}`;
const ruleHref = (id) => `#/rules/${encodeURIComponent(id)}`;

function parseRoute(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view, ...rest] = path.split("/");
  let id = rest.join("/");
  try {
    id = decodeURIComponent(id);
  } catch {
    // Someone typed it by hand: taken as it stands.
  }
  const known = VIEWS.includes(view) && (view !== "device" || DEVICE_AT.has(id));
  return { view: known ? view : "overview", id: known ? id : "", params: new URLSearchParams(query ?? "") };
}

// Goes to an address: as a new entry of the history, or in place of the present one (while someone types).
function go(address, inPlace = false) {
  if (location.hash === address) return;
  clicked = true;
  if (inPlace) location.replace(address);
  else location.hash = address;
}

// Calls `show(route, before, isBack)` now and whenever the address changes.
function followRoute(show) {
  history.scrollRestoration = "manual";
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("a[href]")) return;
    clicked = true;
    // A link to where one is changes no address.
    setTimeout(() => (clicked = false), 500);
  });
  addEventListener("scroll", () => scrolled.set(current, scrollY), { passive: true });
  const change = () => {
    const isBack = !clicked && scrolled.has(location.hash);
    clicked = false;
    const before = route;
    current = location.hash;
    route = parseRoute(current);
    lastParams.set(route.view, route.params);
    show(route, before, isBack);
    if (isBack) scrollTo(0, scrolled.get(current));
  };
  addEventListener("hashchange", change);
  change();
}
