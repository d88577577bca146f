import { ASSERTIONS } from "./evidence.js";
import { h, key, readable } from "./dom.js";
import { isDiagnosis } from "./fold.js";
import { whyDetails } from "./why.js";

export const MARKS = { suggested: "○", accepted: "✓", rejected: "✕", replaced: "⇄", added: "+" };
const WORDS = { suggested: "undecided" };
const DECISIONS = [
  ["accept", "Accept", "A"], ["reject", "Reject", "R"], ["replace", "Replace", "C"],
  ["principal", "", "M"], ["poa", "POA", "O"], ["comment", "Comment", ";"],
];

const titled = (word) => word[0].toUpperCase() + word.slice(1);

/** The likeliest first. */
const ALTERNATIVES = [["specific", "More specific"], ["siblings", "Beside it"], ["parents", "Broader"]];
/** Pieces of evidence that a card shows at once; the others are folded away. */
const N_QUOTES = 5;

/** One code with its decision; what stands below its first line is made when it is current. */
export class Card {
  /**
   * @param {Object} suggestion a suggestion of the API; a code that was added looks like one
   * @param {{pane: NotePane, evidence: EvidenceMap, inpatient: boolean, lead: string}} context
   */
  constructor(suggestion, context) {
    this.suggestion = suggestion;
    this.context = context;
    this.code = { system: suggestion.system, value: suggestion.code };
    this.mark = h("span", { class: "mark", "aria-hidden": "true" });
    this.flags = h("span", { class: "flags" });
    this.more = h("div", { class: "more" });
    this.element = h("article", { class: "card", tabindex: "-1" }, this.#line(), this.more);
    this.item = h("li", {}, this.element);
  }

  #line() {
    const { code, description, probability, concerns } = this.suggestion;
    this.title = h("span", { class: "title" }, description);
    return h("div", { class: "line", "data-action": "select" },
      this.mark,
      h("code", { class: "code" }, code),
      this.title,
      this.flags,
      concerns?.length ? h("span", { class: "n-concerns", title: "Concerns" }, `! ${concerns.length}`) : null,
      probability ? probabilityBar(probability) : null);
  }

  /** The title came after the code. */
  entitle(description) {
    this.suggestion.description = description;
    this.title.textContent = description;
  }

  /** Show what was decided. */
  update(state) {
    const status = state?.status ?? "suggested";
    const replacement = state?.replacement;
    this.element.dataset.status = status;
    this.mark.textContent = MARKS[status];
    this.flags.replaceChildren(...[
      replacement ? h("code", { class: "flag" }, `→ ${replacement.value}`) : null,
      state?.reason ? h("span", { class: "flag" }, readable(state.reason)) : null,
      state?.principal ? h("span", { class: "flag principal" }, this.context.lead) : null,
      state?.poa ? h("span", { class: "flag" }, `POA ${state.poa}`) : null,
    ].filter(Boolean));
    this.element.setAttribute("aria-label", this.#label(status, state));
  }

  #label(status, state) {
    const { code, description, probability, evidence, concerns } = this.suggestion;
    const parts = [
      `${code}, ${description}`,
      WORDS[status] ?? status,
      state?.replacement ? `by ${state.replacement.value}` : "",
      state?.reason ? readable(state.reason) : "",
      state?.principal ? this.context.lead : "",
      !probability ? "" : `probability ${probability.toFixed(2)}`,
      `${evidence.length} pieces of evidence`,
      concerns?.length ? `${concerns.length} concerns` : "",
    ];
    return parts.filter(Boolean).join(", ");
  }

  open() {
    this.element.classList.add("current");
    this.element.tabIndex = 0;
    const { evidence, concerns = [], rejected_because: because } = this.suggestion;
    this.more.replaceChildren(...[
      because ? h("p", { class: "because" }, because) : null,
      this.#actions(),
      concerns.length ? concernList(concerns) : null,
      ...(evidence.length ? this.#quotes(evidence) : []),
      this.#alternatives(),
      evidence.length ? whyDetails(this) : null,
    ].filter(Boolean));
  }

  close() {
    this.element.classList.remove("current");
    this.element.tabIndex = -1;
    this.more.replaceChildren();
  }

  #actions() {
    const { rejected_because: because } = this.suggestion;
    const wanted = because === undefined
      ? DECISIONS.filter(([name]) => this.#fits(name))
      : [["accept", "Add with this evidence", "A"]];
    return h("div", { class: "actions" }, wanted.map(([name, label, letter]) =>
      h("button", { type: "button", "data-action": name, "aria-keyshortcuts": letter }, label || titled(this.context.lead), " ", key(letter))));
  }

  /** POA is asked of an inpatient's diagnoses, and a diagnosis alone is principal. */
  #fits(name) {
    if (name !== "poa" && name !== "principal") return true;
    return isDiagnosis(this.code) && (name === "principal" || this.context.inpatient);
  }

  #quotes(evidence) {
    const quotes = evidence.map((piece, n) => this.#quote(piece, n));
    const rest = quotes.splice(N_QUOTES + 1 < quotes.length ? N_QUOTES : quotes.length);
    return [h("ul", { class: "evidence", "aria-label": "Evidence", lang: this.context.note.language }, quotes),
      rest.length ? h("details", {}, h("summary", {}, `${rest.length} more pieces of evidence`), h("ul", {}, rest)) : null];
  }

  /** Show which piece is marked in the note. */
  at(place) {
    for (const quote of this.more.querySelectorAll(".quote")) {
      const isShown = Number(quote.dataset.piece) === place;
      quote.toggleAttribute("aria-current", isShown);
      if (!isShown) continue;
      if (quote.closest("details")) quote.closest("details").open = true;
      quote.scrollIntoView({ block: "nearest" });
    }
  }

  #quote(piece, n) {
    const { pane, evidence } = this.context;
    const units = evidence.units(piece);
    const [before, words, after] = pane.around(units);
    return h("li", {},
      h("button", { type: "button", class: "quote", "data-action": "show-piece", "data-piece": n },
        h("span", { class: "where" }, readable(piece.section || "note")),
        piece.assertion === "PRESENT" ? null
          : h("span", { class: `says ${ASSERTIONS[piece.assertion]}` }, ASSERTIONS[piece.assertion]),
        h("q", {}, before, h("b", {}, words), after)));
  }

  #alternatives() {
    const found = this.suggestion.alternatives ?? {};
    const groups = ALTERNATIVES.map(([kind, name]) => [name, found[kind] ?? []]).filter(([, codes]) => codes.length);
    if (!groups.length) return null;
    return h("details", { class: "alternatives" },
      h("summary", {}, "Alternatives ", key("L")),
      groups.map(([name, codes]) => [
        h("h4", {}, name),
        h("ul", {}, codes.map((c) => h("li", {}, h("button",
          { type: "button", "data-action": "replace-by", "data-value": c.code, "data-title": c.description, "data-billable": String(c.billable) },
          h("code", {}, c.code), " ", c.description, c.billable ? null : " (not billable: choose below it)")))),
      ]));
  }
}

export function concernList(concerns) {
  return h("ul", { class: "concerns", "aria-label": "Concerns" }, concerns.map((c) =>
    h("li", {}, h("b", {}, readable(c.kind)), " ", c.message)));
}

function probabilityBar(probability) {
  return h("span", { class: "probability" },
    h("meter", { min: 0, max: 1, value: probability, "aria-hidden": "true" }),
    probability.toFixed(2));
}
