import { announce, refuse } from "./live.js";
import { ask, askWords } from "./dialogs.js";
import { byId } from "./dom.js";
import { Problem, get } from "./api.js";
import { codeKey, isDiagnosis, isFinal } from "./fold.js";
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
  async run(name, source = null) {
    const card = source?.closest(".card")?.card;
    if (card) this.review.cards.select(card, { focus: !source.closest("button") });
    if (CHANGING.has(name) && this.review.closed) {
      refuse(this.review.closed);
      return;
    }
    try {
      await this[name]?.(source);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      refuse(problem.message);
    }
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
    else refuse("Every suggestion has a decision.");
  }
  "to-suggestions"() { this.review.cards.select(this.#card ?? this.review.cards.shown[0]); }
  "to-note"() { byId("note").focus({ preventScroll: true }); }
  "to-coded"() { this.review.coded.enter(); }
  "to-outline"() {
    const first = document.querySelector("#outline-list button");
    if (first) first.focus();
    else refuse("No sections were found in this note.");
  }

  // Evidence
  "next-piece"() { this.#step(1); }
  "previous-piece"() { this.#step(-1); }
  #step(by) {
    if (this.review.marks.pieces.length) this.review.marks.step(by);
    else refuse("No evidence is marked for this code.");
  }
  "show-piece"(source) { this.review.marks.go(Number(source.dataset.piece)); }
  "into-note"() { this.review.caret.begin(this.review.marks.place); }
  back() {
    if (this.review.caret.on) this.review.caret.end();
    else this.review.marks.dropKept();
    this["to-suggestions"]();
  }
  "code-at-caret"() {
    const unit = this.review.pane.caretUnit;
    if (unit === null) refuse("Put a caret in the note first: press V.");
    else this.review.codeAt(unit);
  }
  why() { if (!this.#toggle(".why")) refuse("Why is known of suggested codes alone."); }
  alternatives() {
    const details = this.#toggle(".alternatives");
    if (!details) refuse("No alternatives are known for this code: press C to search.");
    else if (details.open) details.querySelector("button").focus();
    else this["to-suggestions"]();
  }
  #toggle(which) {
    const details = this.#card?.element.querySelector(which);
    if (details) details.open = !details.open;
    return details;
  }
  "toggle-found"() {
    byId("found").open = !byId("found").open;
    this.review.marks.paint();
    byId("found").firstElementChild.scrollIntoView({ block: "nearest" });
    announce(byId("found").open ? "What was found but not suggested is shown." : "What was found but not suggested is hidden.");
  }

  // Decisions
  accept() {
    if (!this.#card) return;
    if (this.review.cards.isFound(this.#card)) this.#addFound();
    else this.#decide({ kind: "accept" }, "accepted");
  }

  /** What was found and not suggested is added by the coder, with its evidence. */
  #addFound() {
    const evidence = this.#card.suggestion.evidence.map(({ start, end }) => ({ start, end }));
    this.#decide({ kind: "add", evidence }, "added");
  }

  async reject() {
    if (!this.#known()) return;
    byId("reject-title").textContent = `Reject ${this.#card.code.value}: why?`;
    const reason = await ask("reject");
    if (!reason) return;
    const comment = reason === "other" ? await askWords(`Reject ${this.#card.code.value}: why?`) : undefined;
    if (comment !== null) this.#decide({ kind: "reject", reason, ...(comment && { comment }) }, "rejected");
  }

  replace() { if (this.#known()) this.#replaceNear(this.#card.code.value); }

  /** Choose what to replace by, beginning at a code's neighbours. */
  async #replaceNear(from) {
    const { system, value } = this.#card.code;
    const quotes = this.review.marks.pieces.slice(0, 3).map((p) => this.review.pane.words(p));
    const found = await this.review.picker.choose({ title: `Replace ${value}`, system, from, quotes });
    if (found) this.#replaceBy(found);
  }

  "replace-by"(source) {
    const { value, title, billable } = source.dataset;
    if (billable === "false") this.#replaceNear(value);
    else this.#replaceBy({ system: this.#card.code.system, value, description: title });
  }

  #replaceBy({ system, value, description }) {
    this.review.titles.learn({ system, value, description });
    this.#decide({ kind: "replace", replacement: { system, value } }, `replaced by ${value}`);
  }

  principal() {
    const { lead } = this.review;
    if (!this.#diagnosis(`be ${lead}`)) return;
    const why = this.review.state.code(this.#card.code).never_first;
    if (why) refuse(why);
    else this.#decide({ kind: "principal" }, `is ${lead}`);
  }

  async poa() {
    if (!this.review.inpatient) refuse("Present on admission is asked of inpatient notes alone.");
    if (!this.review.inpatient || !this.#diagnosis("be present on admission")) return;
    byId("poa-title").textContent = `${this.#card.code.value}: present on admission?`;
    const poa = await ask("poa");
    if (poa) this.#decide({ kind: "poa", poa }, `present on admission: ${poa}`);
  }

  async comment() {
    if (!this.#known()) return;
    const comment = await askWords(`Comment on ${this.#card.code.value}`);
    if (comment) this.#decide({ kind: "comment", comment }, "commented");
  }

  async "note-comment"() {
    const comment = await askWords("Comment on the note");
    if (comment) this.#act({ kind: "comment", comment }, "Comment kept.");
  }

  up() { if (this.#finalCard()) this.review.coded.move(this.#card.code, -1); }
  down() { if (this.#finalCard()) this.review.coded.move(this.#card.code, 1); }

  /** The current card where it is among the note's codes; says so otherwise. */
  #known() {
    if (!this.#card || this.review.state.code(this.#card.code)) return this.#card;
    refuse("This code is not suggested: accept adds it.");
    return null;
  }

  /** The current card where it is to be coded; says so otherwise. */
  #finalCard() {
    if (this.#card && isFinal(this.review.state.code(this.#card.code))) return this.#card;
    refuse("Accept the code first.");
    return null;
  }

  /** The current card where it is a diagnosis to be coded; says so otherwise. */
  #diagnosis(wanted) {
    const card = this.#finalCard();
    if (!card || isDiagnosis(card.code)) return card;
    refuse(`Only a diagnosis can ${wanted}.`);
    return null;
  }

  async undo() {
    if (this.review.state.canUndo) await this.#back({ kind: "undo" }, "Undone.");
    else refuse("Nothing to undo.");
  }
  async redo() {
    if (this.review.state.canRedo) await this.#back({ kind: "redo" }, "Done again.");
    else refuse("Nothing to do again.");
  }

  /** Undo or redo, and go to the code that it was about: it may be out of sight. */
  async #back(act, said) {
    const { state, cards, coded } = this.review;
    const before = new Map(state.view.codes.map((code) => [codeKey(code), decidedOn(code)]));
    const find = () => state.view.codes.find((code) => before.get(codeKey(code)) !== decidedOn(code));
    this.#act(act, said);
    // What was done before this page was opened the server alone takes back.
    if (!find()) await state.outbox.settled();
    const changed = find();
    const card = changed && cards.card(changed);
    if (!card?.element.checkVisibility()) return;
    cards.select(card, { focus: !coded.list.contains(document.activeElement) });
    announce(`${said} ${card.element.getAttribute("aria-label")}`);
  }

  // Adding
  caret() { this.review.caret.begin(this.review.marks.place); }
  keep() { if (!this.review.marks.keepSelection()) refuse("Select words in the note first: press V for a caret."); }

  async add() {
    const pieces = this.review.marks.takeSelection();
    if (!pieces.length) {
      refuse("Select the words that support the code first: press V for a caret.");
      return;
    }
    const system = this.#card?.code.system ?? "ICD-10-CM";
    const quotes = pieces.map((p) => this.review.pane.words(p));
    const found = await this.review.picker.choose({ title: "Add a code", system, quotes });
    // What was selected for a code that was not found is kept for the next try; Escape drops it.
    this.review.marks.kept = found ? [] : pieces;
    if (found) this.#addFor(found, pieces);
    this.review.marks.paint();
  }

  #addFor({ system, value, description }, pieces) {
    const { titles, state, evidence, cards } = this.review;
    const code = { system, value };
    titles.learn({ system, value, description });
    const status = state.code(code)?.status;
    if (isFinal({ status })) refuse(`${value} is among the codes already.`);
    else {
      const kind = status === "suggested" ? "accept" : "add";
      this.#act({ kind, code, evidence: pieces.map((p) => evidence.characters(p)) }, `${value} added`);
    }
    cards.select(cards.card(code));
  }

  // The note as a whole
  async complete() {
    if (this.review.closed || !(await summarise(this.review))) return;
    this.#act({ kind: "complete" }, "The note is complete.");
    byId("next").focus();
  }

  /** On to the first note that nobody holds; to the work list where there is none. */
  async "next-note"() {
    await this.review.state.outbox.settled();
    const { notes } = await get("/v1/worklist?status=ready&limit=50").catch(() => ({ notes: [] }));
    const free = notes.find((note) => !note.barred && (!note.claimed_by || note.is_mine));
    location.assign(free ? `/review/${encodeURIComponent(free.id)}` : "/worklist");
  }
  reopen() { this.#act({ kind: "reopen" }, "The note is open again."); }

  async history() {
    await this.review.state.outbox.settled();
    await showHistory(this.review.note);
  }
  compare() { return showComparison(this.review.note); }
  help() { return ask("help"); }
  retry() { this.review.state.outbox.retry(); }
  async "leave-out"() { refuse(`Left out: ${await this.review.saving.leaveOut()}.`); }
}

/** What a decision says of a code, to be compared. */
const decidedOn = ({ status, principal, poa, replacement }) => JSON.stringify([status, principal, poa, replacement?.value]);
