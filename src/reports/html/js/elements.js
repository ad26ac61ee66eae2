// Elements, numbers and dates as the page shows them. Text of devices is hostile: it becomes text nodes only.

// Whatever fails is told: an empty page would look like a fleet without problems.
addEventListener("error", (event) => event.error && tellFailure(event.error));
addEventListener("unhandledrejection", (event) => tellFailure(event.reason));

function tellFailure(error) {
  const notice = document.getElementById("failure");
  notice.textContent = `This page could not be put together (${error.message}). The same rows are in findings.csv and devices.csv.`;
  notice.hidden = false;
}

const SVG = "http://www.w3.org/2000/svg";

// C0, C1 and DEL without TAB and LF, bidirectional marks, zero-width blanks: the same set as `is_harmful` in text.rs.
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

// Characters that change what is seen without being seen are spelled out.
function visible(text) {
  const spelled = (c) => "\u27e8U+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9";
  return String(text).replace(HARMFUL, spelled);
}

// h("a.name", { href: "#/rules" }, "text", child): an element with its classes, attributes, listeners and children.
function h(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  return fill(document.createElement(name || "div"), classes, attributes, children);
}

// The same for SVG.
function s(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  return fill(document.createElementNS(SVG, name), classes, attributes, children);
}

function fill(element, classes, attributes, children) {
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else if (key === "href" && !String(value).startsWith("#/")) throw new Error("links stay on this page");
    else element.setAttribute(key, value === true ? "" : visible(value));
  }
  put(element, children);
  return element;
}

function put(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : visible(child));
  }
  return element;
}

function replace(element, ...children) {
  element.textContent = "";
  return put(element, children);
}

const byId = (id) => document.getElementById(id);

const grouped = new Intl.NumberFormat("en-US");
const thousands = (number) => grouped.format(number);
const plural = (number, one, many = one + "s") => `${thousands(number)} ${number === 1 ? one : many}`;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// "24 Nov 2026, 02:00 UTC" of an ISO 8601 time; what is none stays as it is.
function moment(iso, withTime = true) {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(iso ?? "");
  if (!found) return iso ?? "";
  const day = `${Number(found[3])} ${MONTHS[found[2] - 1]} ${found[1]}`;
  return withTime && found[4] ? `${day}, ${found[4]} UTC` : day;
}

// "24 Nov" of milliseconds.
function day(time) {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

// "in 12 days", "3 days past".
function daysLeft(days) {
  if (days === null || days === undefined) return "";
  if (days < 0) return `${plural(-days, "day")} past`;
  return days === 0 ? "today" : `in ${plural(days, "day")}`;
}

const SEVERITIES = ["critical", "high", "medium", "low", "info"];

const badge = (word) => (word ? h(`span.badge.${word.replace(/\W/g, "-")}`, null, word.replaceAll("_", " ")) : null);

function say(text) {
  byId("said").textContent = text;
}

// A button that copies what is shown: a text as one line, or lines. Where the clipboard is closed to pages from files, a selection does it.
function copyButton(text, what) {
  const shown = [text].flat().map((line) => visible(line).replace(/\s*\n\s*/g, " ")).join("\n");
  const button = h("button.copy", { type: "button", "aria-label": `Copy ${what}`, click: copy }, "Copy");
  async function copy(event) {
    event.stopPropagation();
    const done = await toClipboard(shown);
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    say(done ? `Copied ${what}` : "The browser does not let this page copy");
    setTimeout(() => (button.textContent = "Copy"), 1800);
  }
  return button;
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea.unseen", { readonly: true, "aria-hidden": "true" });
    area.value = text;
    const before = document.activeElement;
    document.body.append(area);
    area.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      // Nothing left to try.
    }
    area.remove();
    before?.focus();
    return done;
  }
}

// A next step: each of its steps in words, its commands as lines to be pasted, and a button that copies these lines. Where the steps
// are not known, the line that stands in findings.csv.
function nextStep(text, otherwise) {
  if (!text) return null;
  const what = otherwise ?? "the next step";
  const steps = Object.hasOwn(DATA.next_steps ?? {}, text) ? DATA.next_steps[text] : [];
  if (!steps.length) return h("div.step", null, h("p", null, visible(text)), copyButton(text, what));
  return h("ol.steps", null, steps.map((step) => h("li.step", null,
    h("div.step-text", null, h("p", null, visible(step.text)),
      step.commands.length > 0 && h("pre", null, step.commands.map(visible).join("\n"))),
    step.commands.length > 0 && copyButton(step.commands, what))));
}
