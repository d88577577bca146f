import { announce } from "./live.js";
import { byId, readable } from "./dom.js";

/** The current code's evidence in the note: which piece is shown, and what the coder selects. */
export class Marks {
  constructor(pane, evidence, { found }) {
    this.pane = pane;
    this.evidence = evidence;
    this.found = found;
    this.pieces = [];
    this.at = 0;
    /** Stretches put aside for a code in pieces, in UTF-16 units. */
    this.kept = [];
    this.withFound = null;
  }

  /** UTF-16 offset of the shown piece; the beginning of the note where there is none. */
  get place() {
    return this.pieces[this.at]?.start ?? 0;
  }

  /** A code became current: its best piece is shown. */
  of(card) {
    this.card = card;
    this.pieces = card.suggestion.evidence.map((e) => ({ ...e, ...this.evidence.units(e) }));
    this.at = 0;
    this.#show();
  }

  step(by) {
    this.at = (this.at + by + this.pieces.length) % this.pieces.length;
    this.#show();
    const { section, assertion } = this.pieces[this.at];
    const where = `${readable(section || "note")}, ${readable(assertion)}`;
    announce(`${this.at + 1} of ${this.pieces.length}, ${where}: ${this.pane.around(this.pieces[this.at], 30).join("")}`);
  }

  go(place) {
    this.at = place;
    this.#show();
  }

  #show() {
    this.paint();
    this.card.at(this.at);
    if (this.pieces[this.at]) this.pane.show(this.pieces[this.at]);
  }

  paint() {
    const withFound = this.found.open;
    if (withFound !== this.withFound) this.pane.markEvidence(this.evidence.pieces, { withFound });
    this.withFound = withFound;
    this.pane.mark("current", this.pieces);
    this.pane.mark("piece", this.pieces.slice(this.at, this.at + 1));
    this.pane.mark("kept", this.kept);
    this.offer();
  }

  /** Whether there are words to add a code for. */
  offer() {
    byId("add").disabled = !this.pane.selection() && !this.kept.length;
  }

  /** @returns {boolean} whether anything was selected */
  keepSelection() {
    const selected = this.pane.selection();
    if (!selected) return false;
    this.kept.push(selected);
    this.paint();
    announce(`Kept: ${this.pane.words(selected)}. Select another piece, then add.`);
    return true;
  }

  dropKept() {
    if (!this.kept.length) return;
    this.kept = [];
    this.paint();
    announce("What was kept is dropped.");
  }

  /** What was kept and what is selected, in order. */
  takeSelection() {
    const selected = this.pane.selection();
    const pieces = selected ? [...this.kept, selected] : this.kept;
    return [...pieces].sort((a, b) => a.start - b.start);
  }
}
