import { byId, h, readable } from "./dom.js";

const SHORT_UNITS = 60;

/** The sections of the note, to go to by click or key, with how many pieces of evidence each has. */
export class Outline {
  constructor(pane, evidence, sections) {
    this.pane = pane;
    const suggested = evidence.pieces.filter((p) => p.suggested);
    const all = sections.map(({ category, title, body }) => {
      const [head, rest] = [evidence.units(title), evidence.units(body)];
      const start = Math.min(head.start, rest.start);
      const n_pieces = suggested.filter((p) => start <= p.start && p.start < rest.end).length;
      return { category, title: head, start, n_pieces, length: rest.end - rest.start };
    });
    const titled = all.filter((s) => s.title.end > s.title.start);
    pane.mark("title", titled.map((s) => s.title));
    // A line such as the date of birth is no section to go to.
    const shown = titled.filter((s) => s.n_pieces || (s.category !== "header" && s.length > SHORT_UNITS));
    byId("outline-list").replaceChildren(...shown.map((section) => this.#item(section)));
  }

  #item(section) {
    const count = section.n_pieces
      ? h("span", { class: "count", "aria-label": `${section.n_pieces} pieces of evidence` }, String(section.n_pieces)) : null;
    return h("li", {}, h("button", { type: "button", onclick: () => this.#go(section) },
      h("span", {}, this.#label(section)), " ", count));
  }

  #label({ title, category }) {
    const words = this.pane.words(title).replace(/\s+/g, " ").replace(/^\W+|[:\s]+$/g, "");
    if (words.length < 2 || words.length > 40) return readable(category);
    // Abbreviations stay as they are; what is shouted is said.
    return /[a-z]/.test(words) || words.length < 5 ? words : words.toLowerCase();
  }

  #go({ start }) {
    const { element } = this.pane;
    const top = element.getBoundingClientRect().top;
    element.scrollTop += this.pane.box({ start, end: start + 1 }).top - top - 8;
    element.focus({ preventScroll: true });
  }
}
