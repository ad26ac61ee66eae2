// Rows of any number that are made as they scroll into view. The page itself scrolls, so that there is one scroll bar; each
// row has its place in a box as high as all rows together.

class Rows {
  // `make(place)` gives the row of an item; `open(place)` what an opened row shows below itself.
  constructor(make, open) {
    this.make = make;
    this.open = open;
    this.items = [];
    this.shown = new Map();
    // Item -> height of what is open below its row.
    this.opened = new Map();
    this.ruler = h("div.row-ruler", { "aria-hidden": "true" });
    this.box = h("div.rows", { role: "rowgroup" });
    this.element = h("div.rows-frame", null, this.ruler, this.box);
    this.frame = 0;
    this.place = null;
    this.resized = new ResizeObserver((entries) => this.measure(entries));
    const later = () => {
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0;
        if (this.element.isConnected && this.element.offsetParent) this.render();
      });
    };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later, { passive: true });
    this.box.addEventListener("keydown", (event) => this.move(event));
  }

  // Shows these items from now on.
  set(items) {
    this.items = items;
    this.place = null;
    this.render();
  }

  // Height of a closed row: the style decides, by width.
  get height() {
    return this.ruler.offsetHeight || 56;
  }

  // Item -> index, made when first asked for.
  indexOf(item) {
    this.place ??= new Map(this.items.map((other, index) => [other, index]));
    return this.place.get(item) ?? -1;
  }

  // Opened rows that are shown, by index, with what they push down.
  get pushes() {
    const pushes = [];
    for (const [item, extra] of this.opened) {
      const index = this.indexOf(item);
      if (index >= 0) pushes.push([index, extra]);
    }
    return pushes.sort((a, b) => a[0] - b[0]);
  }

  render() {
    const height = this.height;
    const pushes = this.opened.size ? this.pushes : [];
    const total = pushes.reduce((sum, [, extra]) => sum + extra, this.items.length * height);
    this.box.style.height = `${total}px`;
    const above = -this.box.getBoundingClientRect().top;
    // A screenful more on both sides, so that Tab and quick scrolling find rows.
    const from = Math.max(0, above - innerHeight / 2);
    const until = above + innerHeight * 1.5;

    // The first row that is in sight: rows before it are passed one opened row at a time.
    let [first, top, at] = [0, 0, 0];
    for (; at < pushes.length; at += 1) {
      const [index, extra] = pushes[at];
      const end = top + (index + 1 - first) * height + extra;
      if (end > from) break;
      [first, top] = [index + 1, end];
    }
    const skipped = Math.max(0, Math.min(Math.floor((from - top) / height), (pushes[at]?.[0] ?? this.items.length) - first));
    first += skipped;
    top += skipped * height;

    const wanted = new Map();
    for (let index = first; index < this.items.length && top < until; index += 1) {
      wanted.set(this.items[index], [index, top]);
      top += height;
      if (pushes[at]?.[0] === index) top += pushes[at++][1];
    }
    this.update(wanted);
  }

  update(wanted) {
    for (const [item, row] of this.shown) {
      // The row that has the focus stays, else the keyboard would lose its place.
      if (wanted.has(item) || (row.contains(document.activeElement) && this.indexOf(item) >= 0)) continue;
      row.remove();
      this.shown.delete(item);
    }
    let before = null;
    for (const [item, [index, top]] of wanted) {
      let row = this.shown.get(item);
      if (!row) {
        row = this.make(item);
        this.shown.set(item, row);
        if (this.opened.has(item)) this.expand(row, item);
      }
      row.style.top = `${top}px`;
      row.setAttribute("aria-rowindex", index + 2);
      row.classList.toggle("odd", index % 2 === 1);
      // In the order of the list, for Tab and for readers.
      const next = before ? before.nextSibling : this.box.firstChild;
      if (next !== row) this.box.insertBefore(row, next);
      before = row;
    }
  }

  toggle(item) {
    const row = this.shown.get(item);
    if (this.opened.delete(item)) {
      row?.querySelector(".row-detail")?.remove();
      row?.classList.remove("opened");
      row?.querySelector("[aria-expanded]")?.setAttribute("aria-expanded", "false");
    } else {
      this.opened.set(item, 0);
      if (row) this.expand(row, item);
    }
    this.render();
  }

  expand(row, item) {
    row.classList.add("opened");
    row.querySelector("[aria-expanded]")?.setAttribute("aria-expanded", "true");
    const detail = this.open(item);
    detail.classList.add("row-detail");
    detail.setAttribute("role", "cell");
    detail.setAttribute("aria-colspan", row.children.length);
    row.append(detail);
    this.opened.set(item, detail.offsetHeight);
    row.dataset.item = item;
    this.resized.observe(detail);
  }

  // What is open may become higher: text wraps, a window is made narrow.
  measure(entries) {
    let changed = false;
    for (const { target } of entries) {
      const item = Number(target.parentElement?.dataset.item);
      if (this.opened.has(item) && target.isConnected && this.opened.get(item) !== target.offsetHeight) {
        this.opened.set(item, target.offsetHeight);
        changed = true;
      }
    }
    if (changed) requestAnimationFrame(() => this.render());
  }

  // Up and down go from row to row.
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest?.(".row");
    if (!step || !row || event.altKey || event.ctrlKey || event.metaKey) return;
    const item = [...this.shown].find(([, shown]) => shown === row)?.[0];
    const index = this.indexOf(item) + step;
    const next = this.shown.get(this.items[index]);
    if (!next) return;
    event.preventDefault();
    next.querySelector(".row-main")?.focus();
  }
}
