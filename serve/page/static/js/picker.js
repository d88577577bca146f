import { answer, ask } from "./dialogs.js";
import { MOST } from "./codes.js";
import { byId, h, readable } from "./dom.js";

const PAUSE_MS = 120;
const SEARCHING = "Searching…";

/** Choose a code: by search, or up and down the hierarchy, with its notes beside. */
export class Picker {
  /** @param {CodeSets} codeSets */
  constructor(codeSets) {
    this.codeSets = codeSets;
    this.input = byId("picker-input");
    this.list = byId("picker-list");
    this.system = byId("picker-system");
    this.details = byId("picker-details");
    this.count = byId("picker-count");
    this.items = [];
    this.at = -1;
    this.input.addEventListener("input", () => this.#later());
    this.system.addEventListener("change", () => this.#search());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    byId("picker-up").addEventListener("click", () => this.#broader());
    byId("picker-down").addEventListener("click", () => this.#narrower());
    byId("picker-take").addEventListener("click", () => this.#take());
  }

  /**
   * @param {{title: string, system: string, from?: string, quotes?: string[]}} wanted `from` is a
   *   code whose neighbours are listed first
   * @returns {Promise<{system: string, value: string, description: string}|null>}
   */
  async choose({ title, system, from, quotes = [] }) {
    byId("picker-title").textContent = title;
    byId("picker-quotes").replaceChildren(...quotes.map((q) => h("q", {}, q)));
    this.system.value = system;
    this.input.value = "";
    this.chosen = null;
    this.from = from;
    clearTimeout(this.timer);
    this.#show([]);
    this.#start();
    return (await ask("picker")) === "take" ? this.chosen : null;
  }

  #later() {
    clearTimeout(this.timer);
    this.#wait();
    this.timer = setTimeout(() => this.#search(), PAUSE_MS);
  }

  async #search() {
    const words = this.input.value.trim();
    if (!words) this.#start();
    else await this.#list(() => this.codeSets.find(this.system.value, words), "No code found: try other words, or the code's beginning.");
  }

  /** What is listed before anything is sought. */
  #start() {
    if (this.from) this.#around(this.from);
    else this.#list(() => [], "");
  }

  /** List a code's kin: what it stands under, itself and its siblings, what is more specific. */
  async #around(value) {
    await this.#list(async () => {
      const entry = await this.codeSets.lookUp(this.system.value, value);
      return [...entry.parents.slice(0, 1), ...entry.siblings, ...entry.children];
    });
  }

  /** What is still shown answers an older question: it can be read, and not taken. */
  #wait() {
    this.items = [];
    this.at = -1;
    this.list.setAttribute("aria-busy", "true");
    this.input.removeAttribute("aria-activedescendant");
    this.count.textContent = SEARCHING;
  }

  async #list(fetched, none = "None.") {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.#wait();
    try {
      const items = await fetched();
      if (turn === this.turn) this.#show(items, none);
    } catch (problem) {
      if (turn === this.turn) this.#show([], problem.message);
    }
  }

  #show(items, none = "") {
    this.items = items;
    this.at = -1;
    this.list.removeAttribute("aria-busy");
    this.list.replaceChildren(...items.map((item, n) => h("li", {
      role: "option", id: `picker-${n}`, "aria-selected": "false",
      onclick: () => this.#move(n), ondblclick: () => this.#take(),
    }, h("code", { class: "code" }, item.code), h("span", { class: "title" }, item.description),
    item.billable === false ? h("span", { class: "flag" }, "not billable") : null)));
    this.details.replaceChildren();
    this.input.removeAttribute("aria-activedescendant");
    this.count.textContent = items.length ? howMany(items.length) : none;
  }

  #move(to) {
    if (!this.items.length) return;
    this.at = Math.max(0, Math.min(this.items.length - 1, to));
    [...this.list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === this.at)));
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `picker-${this.at}`);
    this.#describe(this.items[this.at]);
  }

  async #describe(item) {
    const entry = await this.codeSets.lookUp(this.system.value, item.code).catch((problem) => problem);
    if (this.items[this.at] !== item) return;
    if (entry instanceof Error) {
      this.details.replaceChildren(h("p", {}, entry.message));
      return;
    }
    this.details.replaceChildren(
      h("p", { class: "path" }, [...entry.parents].reverse().map((p) => `${p.code} › `), entry.code),
      h("p", {}, entry.description, entry.billable === false ? " (not billable: choose below it)" : ""),
      ...notesOf(entry),
    );
  }

  #key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.altKey && event.key === "ArrowUp") this.#broader();
    else if (event.altKey && event.key === "ArrowDown") this.#narrower();
    else if (event.key in moves) this.#move(this.at < 0 ? 0 : this.at + moves[event.key]);
    else if (event.key === "Enter") this.#take();
    else return;
    event.preventDefault();
  }

  #broader() {
    const item = this.items[this.at];
    if (item) {
      this.#list(async () => {
        const entry = await this.codeSets.lookUp(this.system.value, item.code);
        const [above] = entry.parents;
        return above ? [above, ...(await this.codeSets.lookUp(this.system.value, above.code)).children] : [];
      });
    }
  }

  #narrower() {
    const item = this.items[this.at];
    if (item) this.#list(async () => (await this.codeSets.lookUp(this.system.value, item.code)).children);
  }

  /** Take the marked code; one that may not be billed opens what stands below it. */
  async #take() {
    const item = this.items[this.at];
    if (!item) {
      if (this.items.length) this.count.textContent = "Mark a code first: ↓.";
      return;
    }
    const entry = await this.codeSets.lookUp(this.system.value, item.code).catch(() => item);
    if (entry.billable === false && entry.children?.length) {
      this.#show(entry.children);
      this.count.textContent = `${item.code} is not billable: choose one of these.`;
      return;
    }
    this.chosen = { system: this.system.value, value: item.code, description: entry.description };
    answer(byId("picker"), "take");
  }
}

const howMany = (n) => (n === 1 ? "One code" : n === MOST ? `The first ${n} codes` : `${n} codes`);

/** A chapter is a number, a block a range: what they say holds for many codes. */
const isFar = (at) => /^\d+$|-/.test(at);

/** Inclusion terms and notes by kind; those of block and chapter are folded away. */
function notesOf(entry) {
  const near = new Map(entry.inclusion_terms.length ? [["inclusion terms", entry.inclusion_terms]] : []);
  const far = [];
  for (const { kind, at, text } of entry.notes) {
    const line = at === entry.code ? text : `${text} (at ${at})`;
    if (isFar(at)) far.push(`${readable(kind)}: ${line}`);
    else near.set(kind, [...(near.get(kind) ?? []), line]);
  }
  const lists = [...near].map(([kind, lines]) => h("div", {}, h("h3", {}, readable(kind)), list(lines)));
  if (far.length) lists.push(h("details", {}, h("summary", {}, `Of block and chapter (${far.length})`), list(far)));
  return lists;
}

const list = (lines) => h("ul", {}, lines.map((line) => h("li", {}, line)));
