import { announce } from "./live.js";
import { ask, askWords } from "./dialogs.js";
import { byId } from "./dom.js";
import { get, path } from "./api.js";
import { showComparison, showHistory } from "./past.js";
import { summarise } from "./summary.js";

const CHANGING = new Set(["accept", "reject", "replace", "replace-by", "principal", "poa", "comment",
  "up", "down", "undo", "redo", "add", "note-comment"]);

/** What keys and buttons do, by name; `run` is the one door. */
export class Actions {
  /** @param {Review} review the page: note, review (state), cards, coded, note pane, picker */
  constructor(review) {
    this.review = review;
  }

  /** Do it, where it may be done. @param {HTMLElement|null} source the button, if it was one */
  run(name, source = null) {
    const card = source?.closest(".card")?.card;
    if (card) this.review.cards.select(card, { focus: !source.closest("button") });
    if (CHANGING.has(name) && this.review.closed) {
      announce(this.review.closed, { urgent: true });
      return;
    }
    this[name]?.(source);
  }

  get #card() {
    return this.review.cards.current;
  }

  #act(act, said) {
    this.review.state.act(act);
    announce(said);
  }

  #decide(act, said) {
    const { code } = this.#card;
    this.#act({ code, ...act }, `${code.value} ${said}`);
  }

  // Moving about
  select(source) { this.review.cards.select(source.closest(".card").card); }
  next() { this.review.cards.step(1); }
  previous() { this.review.cards.step(-1); }
  "next-undecided"() {
    const card = this.review.cards.undecided();
    if (card) this.review.cards.select(card);
    else announce("Every suggestion has a decision.");
  }
  "to-suggestions"() { this.review.cards.select(this.#card ?? this.review.cards.shown[0]); }
  "to-note"() { byId("note").focus({ preventScroll: true }); }
  "to-coded"() { this.review.coded.focus(); }
  "to-outline"() { document.querySelector("#outline-list button")?.focus(); }

  // Evidence
  "next-piece"() { this.review.marks.step(1); }
  "previous-piece"() { this.review.marks.step(-1); }
  "show-piece"(source) { this.review.marks.go(Number(source.dataset.piece)); }
  "into-note"() { this.review.caret.begin(this.review.marks.place); }
  back() {
    if (this.review.caret.on) this.review.caret.end();
    this["to-suggestions"]();
  }
  "code-at-caret"() { this.review.codeAt(getSelection().focusOffset); }
  why() { this.#toggle(".why"); }
  alternatives() { this.#toggle(".alternatives"); }
  #toggle(which) {
    const details = this.#card?.element.querySelector(which);
    if (details) details.open = !details.open;
  }
  "toggle-found"() {
    byId("found").open = !byId("found").open;
    this.review.marks.paint();
  }

  // Decisions
  accept() { if (this.#card) this.#decide({ kind: "accept" }, "accepted"); }

  async reject() {
    if (!this.#card) return;
    byId("reject-title").textContent = `Reject ${this.#card.code.value}: why?`;
    const reason = await ask("reject");
    if (!reason) return;
    const comment = reason === "other" ? await askWords(`Reject ${this.#card.code.value}: why?`) : undefined;
    if (comment !== null) this.#decide({ kind: "reject", reason, ...(comment && { comment }) }, "rejected");
  }

  async replace() {
    if (!this.#card) return;
    const { system, value } = this.#card.code;
    const quotes = this.review.marks.pieces.slice(0, 3).map((p) => this.review.pane.words(p));
    const found = await this.review.picker.choose({ title: `Replace ${value}`, system, from: value, quotes });
    if (found) this.#replaceBy(found);
  }

  "replace-by"(source) {
    const { value, title } = source.dataset;
    this.#replaceBy({ system: this.#card.code.system, value, description: title });
  }

  #replaceBy({ system, value, description }) {
    this.review.titles.set(`${system} ${value}`, description);
    this.#decide({ kind: "replace", replacement: { system, value } }, `replaced by ${value}`);
  }

  principal() { if (this.#settledCard()) this.#decide({ kind: "principal" }, "is principal"); }

  async poa() {
    if (!this.#settledCard() || !this.review.inpatient) return;
    byId("poa-title").textContent = `${this.#card.code.value}: present on admission?`;
    const poa = await ask("poa");
    if (poa) this.#decide({ kind: "poa", poa }, `present on admission: ${poa}`);
  }

  async comment() {
    if (!this.#card) return;
    const comment = await askWords(`Comment on ${this.#card.code.value}`);
    if (comment) this.#decide({ kind: "comment", comment }, "commented");
  }

  async "note-comment"() {
    const comment = await askWords("Comment on the note");
    if (comment) this.#act({ kind: "comment", comment }, "Comment kept.");
  }

  up() { if (this.#settledCard()) this.review.coded.move(this.#card.code, -1); }
  down() { if (this.#settledCard()) this.review.coded.move(this.#card.code, 1); }

  /** The current card where it is to be coded; says so otherwise. */
  #settledCard() {
    const status = this.#card && this.review.state.code(this.#card.code)?.status;
    if (["accepted", "replaced", "added"].includes(status)) return this.#card;
    announce("Accept, replace or add the code first.");
    return null;
  }

  undo() {
    if (this.review.state.canUndo) this.#act({ kind: "undo" }, "Undone.");
    else announce("Nothing to undo.");
  }
  redo() {
    if (this.review.state.canRedo) this.#act({ kind: "redo" }, "Done again.");
    else announce("Nothing to do again.");
  }

  // Adding
  caret() { this.review.caret.begin(this.review.marks.place); }
  keep() { this.review.marks.keepSelection(); }

  async add() {
    const pieces = this.review.marks.takeSelection();
    if (!pieces.length) {
      announce("Select the words that support the code first: press V for a caret.", { urgent: true });
      return;
    }
    const system = this.#card?.code.system ?? "ICD-10-CM";
    const quotes = pieces.map((p) => this.review.pane.words(p));
    const found = await this.review.picker.choose({ title: "Add a code", system, quotes });
    this.review.marks.kept = [];
    if (found) {
      const { system: of, value, description } = found;
      this.review.titles.set(`${of} ${value}`, description);
      const evidence = pieces.map((p) => this.review.evidence.characters(p));
      this.#act({ kind: "add", code: { system: of, value }, description, evidence }, `${value} added`);
      this.review.cards.select(this.review.cards.card({ system: of, value }));
    }
    this.review.marks.paint();
  }

  // The note as a whole
  async complete() {
    const { note, state, cards, inpatient } = this.review;
    if (this.review.closed || !(await summarise(note, state.view, cards, inpatient))) return;
    this.#act({ kind: "complete" }, "The note is complete.");
  }
  reopen() { this.#act({ kind: "reopen" }, "The note is open again."); }

  async history() {
    await showHistory(await get(`${path("v1", "notes", this.review.note.id, "history")}`));
  }
  compare() { return showComparison(this.review.note); }
  help() { return ask("help"); }
  retry() { this.review.state.outbox.retry(); }
}
