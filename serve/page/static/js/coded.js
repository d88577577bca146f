import { byId, h } from "./dom.js";
import { final, isDiagnosis } from "./fold.js";

/** The codes in sequence, as they would go on the claim; moved by key, button or drag. */
export class Coded {
  constructor({ onOrder, onSelect, title }) {
    this.list = byId("coded-list");
    this.onOrder = onOrder;
    this.onSelect = onSelect;
    this.title = title;
    this.codes = [];
    this.focused = 0;
    /** Place of the row that is dragged; null: none. */
    this.dragged = null;
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("dragover", (event) => this.#over(event));
    this.list.addEventListener("drop", (event) => this.#drop(event));
    this.list.addEventListener("dragend", () => this.#dragEnd());
  }

  update(state, { inpatient, lead }) {
    // An answer that comes while a row is dragged waits: a row that is drawn anew would be dropped.
    this.latest = [state, { inpatient, lead }];
    if (this.dragged !== null || this.#isDrawn(state)) return;
    const within = this.list.contains(document.activeElement);
    this.codes = final(state);
    this.focused = Math.max(0, Math.min(this.focused, this.codes.length - 1));
    this.list.replaceChildren(...this.codes.map((code, place) => this.#row(code, place, { inpatient, lead })));
    byId("coded-empty").hidden = this.codes.length > 0;
    byId("n-coded").textContent = this.codes.length;
    if (within) this.focus();
  }

  /** Whether the list shows this already: a row drawn anew loses the click that is under way. */
  #isDrawn(state) {
    const shown = final(state).map((c) => [c.system, c.value, c.principal, c.poa, this.title(c)]);
    const before = this.drawn;
    this.drawn = JSON.stringify(shown);
    return this.drawn === before;
  }

  focus() {
    (this.list.children[this.focused] ?? byId("coded")).focus();
  }

  /** Go to the list: keys that decide are about the row in focus from now on. */
  enter() {
    this.focus();
    const code = this.codes[this.focused];
    if (code) this.onSelect(code);
  }

  /** Move a code up (-1) or down (1) in the sequence. */
  move(code, by) {
    const from = this.codes.findIndex((c) => c.system === code.system && c.value === code.value);
    this.#place(from, from + by);
  }

  #row(code, place, { inpatient, lead }) {
    const row = h("li", {
      class: "row", draggable: "true", tabindex: place === this.focused ? 0 : -1,
      ondragstart: (event) => { this.dragged = place; event.dataTransfer.effectAllowed = "move"; },
      onclick: () => { this.focused = place; this.onSelect(code); },
    },
    h("span", { class: "grip", "aria-hidden": "true" }, "⠿"),
    h("span", { class: "place" }, String(place + 1)),
    h("code", { class: "code" }, code.value),
    h("span", { class: "title" }, this.title(code)),
    code.principal ? h("span", { class: "flag principal" }, lead) : null,
    inpatient && isDiagnosis(code) ? h("span", { class: "flag" }, code.poa ? `POA ${code.poa}` : "POA –") : null,
    this.#mover(place, -1, "↑"), this.#mover(place, 1, "↓"));
    return row;
  }

  #mover(place, by, arrow) {
    return h("button", {
      type: "button", class: "mover", tabindex: -1, "aria-label": by < 0 ? `Move ${place + 1} up` : `Move ${place + 1} down`,
      disabled: place + by < 0 || place + by >= this.codes.length,
      onclick: (event) => { event.stopPropagation(); this.#place(place, place + by); },
    }, arrow);
  }

  #place(from, to) {
    if (from < 0 || to < 0 || to >= this.codes.length || from === to) return;
    const order = this.codes.map(({ system, value }) => ({ system, value }));
    order.splice(to, 0, ...order.splice(from, 1));
    this.focused = to;
    this.onOrder(order, to);
  }

  #key(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey || event.shiftKey) this.#place(this.focused, this.focused + by);
    else {
      this.focused = Math.max(0, Math.min(this.codes.length - 1, this.focused + by));
      [...this.list.children].forEach((row, place) => { row.tabIndex = place === this.focused ? 0 : -1; });
      this.enter();
    }
  }

  #target(event) {
    return [...this.list.children].indexOf(event.target.closest?.(".row"));
  }

  #over(event) {
    event.preventDefault();
    const over = this.#target(event);
    [...this.list.children].forEach((row, place) => row.classList.toggle("over", place === over));
  }

  #drop(event) {
    event.preventDefault();
    const [from, to] = [this.dragged, this.#target(event)];
    this.#dragEnd();
    if (from !== null && to >= 0) this.#place(from, to);
  }

  #dragEnd() {
    if (this.dragged === null) return;
    this.dragged = null;
    this.update(...this.latest);
  }
}
