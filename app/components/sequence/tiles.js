// A board of photo tiles: the sequence above, the other candidates below. Python holds the truth: every change is sent
// as {order, locked} and comes back as new data. Words and file names enter the page as text only, never as markup.

const DRAG_STARTS_AFTER = 6; // pixels, so that a click stays a click

/** One board per place on the page; it outlives reruns, so that the focus and a drag are not lost. */
const boards = new WeakMap();

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".board");
  if (!boards.has(root)) boards.set(root, new Board(root));
  boards.get(root).update(data, (arrangement) => setTriggerValue("arranged", arrangement));
}

class Board {
  constructor(root) {
    this.root = root;
    this.drag = null;
    this.live = element("p", "spoken");
    this.live.setAttribute("aria-live", "polite");
    this.zones = { in: element("ol", "zone"), out: element("ul", "zone") };
    root.addEventListener("pointerdown", (event) => this.press(event));
    root.addEventListener("pointermove", (event) => this.move(event));
    root.addEventListener("pointerup", () => this.drop());
    root.addEventListener("pointercancel", () => this.cancel());
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("dragstart", (event) => event.preventDefault());
  }

  /** New data from Python; a drag that is under way goes on and is decided by the drop. */
  update(data, send) {
    this.data = data;
    this.send = send;
    this.order = [...data.order];
    this.locked = new Set(data.locked);
    if (!this.drag) this.render();
  }

  // -- what is shown ------------------------------------------------------------------------------------------------

  render() {
    const focus = this.focused();
    const words = this.data.words;
    const others = this.data.tiles.map((tile) => tile.id).filter((id) => !this.order.includes(id));
    this.zones.in.replaceChildren(...this.order.map((id, index) => this.tile(id, index)));
    this.zones.out.replaceChildren(...others.map((id) => this.tile(id, -1)));
    if (!this.order.length) this.zones.in.append(element("li", "hint", words.empty));
    if (!others.length) this.zones.out.append(element("li", "hint", words.none_left));
    if (!this.zones.in.isConnected) {
      this.heading = { in: element("h4", "", words.inside), out: element("h4", "", words.outside) };
      this.root.replaceChildren(this.heading.in, this.zones.in, this.heading.out, this.zones.out, this.live);
    }
    this.heading.in.textContent = words.inside;
    this.heading.out.textContent = words.outside;
    this.zones.in.setAttribute("aria-label", words.inside);
    this.zones.out.setAttribute("aria-label", words.outside);
    this.refocus(focus);
  }

  tile(id, index) {
    const { label, source, note } = this.data.tiles.find((tile) => tile.id === id);
    const words = this.data.words;
    const inside = index >= 0;
    const locked = this.locked.has(id);
    const item = element("li", `tile${locked ? " locked" : ""}${index === 0 ? " first" : ""}`);
    item.dataset.id = id;
    item.tabIndex = 0;
    item.title = note ? `${label}: ${note}` : label;
    item.setAttribute("aria-label", [inside ? index + 1 : "", label, note, locked ? words.locked : ""].join(" ").trim());
    const picture = element("div", "picture");
    const image = element("img", "");
    image.src = source;
    image.alt = "";
    picture.append(image, this.handle(locked));
    if (inside) picture.append(element("span", "place", String(index + 1)));
    if (note) picture.append(element("span", "note", note));
    item.append(picture, element("span", "name", label), this.buttons(id, index, locked));
    return item;
  }

  /** Where a finger takes hold; the rest of a tile scrolls the page. */
  handle(locked) {
    const handle = icon(locked ? "lock" : "drag_indicator");
    handle.classList.add("handle");
    return handle;
  }

  buttons(id, index, locked) {
    const words = this.data.words;
    const row = element("div", "buttons");
    if (index < 0) {
      const full = this.order.length >= this.data.limit;
      row.append(this.button("add", "add", full ? words.full : words.add, full, () => this.add(id, this.order.length)));
      return row;
    }
    const last = this.order.length - 1;
    row.append(
      this.button("left", "chevron_left", words.earlier, locked || index === 0, () => this.shift(id, -1)),
      this.button("lock", locked ? "lock" : "lock_open", locked ? words.unlock : words.lock, false, () => this.lock(id)),
      this.button("out", "close", last ? words.remove : words.last_one, locked || !last, () => this.remove(id)),
      this.button("right", "chevron_right", words.later, locked || index === last, () => this.shift(id, 1)),
    );
    row.querySelector(".lock").setAttribute("aria-pressed", String(locked));
    return row;
  }

  button(kind, sign, name, disabled, act) {
    const button = element("button", kind);
    button.append(icon(sign));
    button.type = "button";
    button.title = name;
    button.setAttribute("aria-label", name);
    button.disabled = disabled;
    button.addEventListener("click", act);
    return button;
  }

  // -- changes --------------------------------------------------------------------------------------------------------

  add(id, place) {
    if (this.order.length >= this.data.limit) return;
    this.arrange([...this.order.slice(0, place), id, ...this.order.slice(place)], id);
  }

  remove(id) {
    if (this.order.length < 2 || this.locked.has(id)) return;
    this.arrange(this.order.filter((other) => other !== id), id);
  }

  /** Moves past locked images, which keep their places. */
  shift(id, step) {
    if (this.locked.has(id) || !this.order.includes(id)) return;
    const free = this.order.filter((other) => !this.locked.has(other));
    const from = free.indexOf(id);
    if (from + step < 0 || from + step >= free.length) return;
    [free[from], free[from + step]] = [free[from + step], free[from]];
    this.arrange(free, id);
  }

  lock(id) {
    if (!this.locked.delete(id)) this.locked.add(id);
    this.commit(id);
  }

  /** Seats locked images on the places they have now; the others follow in the wanted order. */
  arrange(wanted, id) {
    const free = wanted.filter((other) => !this.locked.has(other));
    const seated = [];
    const total = free.length + this.locked.size;
    for (let place = 0; place < total; place += 1) {
      const owner = this.order[place];
      const keeps = owner !== undefined && this.locked.has(owner);
      if (keeps) seated.push(owner);
      else if (free.length) seated.push(free.shift());
    }
    const pushed = [...this.locked].filter((other) => !seated.includes(other));
    this.order = [...seated, ...pushed];
    this.commit(id);
  }

  commit(id) {
    this.render();
    const { label } = this.data.tiles.find((tile) => tile.id === id);
    const place = this.order.indexOf(id);
    this.live.textContent = place < 0 ? `${label}: ${this.data.words.outside}` : `${label}: ${place + 1}`;
    this.send({ order: this.order, locked: this.order.filter((other) => this.locked.has(other)) });
  }

  // -- keyboard -------------------------------------------------------------------------------------------------------

  key(event) {
    const tile = event.target.closest(".tile");
    if (event.key === "Escape" && this.drag) return this.cancel();
    if (!tile || event.target !== tile || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const id = Number(tile.dataset.id);
    const inside = this.order.includes(id);
    const acts = inside
      ? {
          ArrowLeft: () => this.shift(id, -1),
          ArrowRight: () => this.shift(id, 1),
          ArrowDown: () => this.remove(id),
          Delete: () => this.remove(id),
          " ": () => this.lock(id),
        }
      : { ArrowUp: () => this.add(id, this.order.length), Enter: () => this.add(id, this.order.length) };
    if (!acts[event.key]) return undefined;
    event.preventDefault();
    // Streamlit's own shortcuts must not hear a key that moved a tile.
    event.stopPropagation();
    return acts[event.key]();
  }

  focused() {
    const active = this.root.getRootNode().activeElement;
    const tile = active?.closest?.(".tile");
    return tile ? { id: tile.dataset.id, kind: active === tile ? "" : active.className } : null;
  }

  refocus(focus) {
    const tile = focus && this.root.querySelector(`.tile[data-id="${focus.id}"]`);
    if (!tile) return;
    const button = focus.kind && tile.querySelector(`.${focus.kind}:not(:disabled)`);
    (button || tile).focus({ preventScroll: true });
  }

  // -- dragging with mouse, pen or finger -------------------------------------------------------------------------------

  press(event) {
    const tile = event.target.closest(".tile");
    const touch = event.pointerType === "touch";
    if (!tile || event.button !== 0 || event.target.closest("button")) return;
    if (this.locked.has(Number(tile.dataset.id)) || (touch && !event.target.closest(".handle"))) return;
    this.drag = { tile, x: event.clientX, y: event.clientY, pointer: event.pointerId, ghost: null };
  }

  move(event) {
    const drag = this.drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.ghost) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < DRAG_STARTS_AFTER) return;
      this.lift(drag);
    }
    event.preventDefault();
    drag.ghost.style.transform = `translate(${event.clientX - drag.x}px, ${event.clientY - drag.y}px)`;
    const zone = this.zoneAt(event.clientY);
    const full = zone === this.zones.in && this.order.length >= this.data.limit;
    if (full && !this.order.includes(Number(drag.tile.dataset.id))) return;
    zone.insertBefore(drag.tile, this.tileAfter(zone, drag.tile, event.clientX, event.clientY));
  }

  lift(drag) {
    const box = drag.tile.getBoundingClientRect();
    drag.ghost = drag.tile.cloneNode(true);
    drag.ghost.classList.add("ghost");
    Object.assign(drag.ghost.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px` });
    drag.tile.classList.add("lifted");
    this.root.append(drag.ghost);
    // Held by the board: the tile itself moves in the document, which would let the pointer go.
    this.root.setPointerCapture(drag.pointer);
  }

  zoneAt(y) {
    return y < this.heading.out.getBoundingClientRect().top ? this.zones.in : this.zones.out;
  }

  /** The first tile that comes after the pointer in reading order; null at the end. */
  tileAfter(zone, dragged, x, y) {
    const others = [...zone.querySelectorAll(".tile")].filter((tile) => tile !== dragged);
    const after = others.find((tile) => {
      const box = tile.getBoundingClientRect();
      return y < box.top || (y <= box.bottom && x < box.left + box.width / 2);
    });
    return after ?? null;
  }

  drop() {
    const drag = this.release();
    if (!drag?.ghost) return;
    const id = Number(drag.tile.dataset.id);
    const wanted = [...this.zones.in.querySelectorAll(".tile")].map((tile) => Number(tile.dataset.id));
    if (!wanted.length || wanted.join() === this.order.join()) this.render();
    else this.arrange(wanted, id);
  }

  cancel() {
    if (this.release()) this.render();
  }

  release() {
    const drag = this.drag;
    this.drag = null;
    drag?.ghost?.remove();
    drag?.tile.classList.remove("lifted");
    return drag;
  }
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A Material symbol by its name, in the font that Streamlit brings. */
function icon(name) {
  const made = element("span", "icon", name);
  made.setAttribute("aria-hidden", "true");
  return made;
}
