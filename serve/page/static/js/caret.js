import { announce } from "./live.js";

/** What an arrow does: direction and unit of `Selection.modify`. */
const MOVES = {
  ArrowLeft: ["backward", "character"],
  ArrowRight: ["forward", "character"],
  ArrowUp: ["backward", "line"],
  ArrowDown: ["forward", "line"],
  Home: ["backward", "lineboundary"],
  End: ["forward", "lineboundary"],
};

/**
 * Select in the note without a mouse: a caret moves by character, by word (with Ctrl) and by line;
 * Shift extends. The selection is the browser's own, and the note is never editable.
 */
export class CaretMode {
  constructor(pane, caret) {
    this.pane = pane;
    this.caret = caret;
    this.on = false;
    document.addEventListener("selectionchange", () => this.#draw());
    pane.element.addEventListener("scroll", () => this.#draw());
  }

  /** Begin at a UTF-16 offset. */
  begin(unit) {
    this.on = true;
    this.pane.element.focus({ preventScroll: true });
    this.pane.show({ start: unit, end: unit });
    getSelection().collapse(this.pane.node, unit);
    this.#draw();
    announce("Caret on. Arrows move by character, Control by word; Shift selects; Escape ends.");
  }

  end() {
    this.on = false;
    this.caret.hidden = true;
    getSelection().removeAllRanges();
  }

  /** @returns {boolean} whether the key was the caret's */
  key(event) {
    if (!this.on || !(event.key in MOVES)) return false;
    const [direction, unit] = MOVES[event.key];
    const wide = event.ctrlKey || event.altKey ? { character: "word", line: "paragraph" }[unit] : null;
    const selection = getSelection();
    selection.modify(event.shiftKey ? "extend" : "move", direction, wide ?? unit);
    this.#inside(selection);
    const unitNow = selection.focusOffset;
    this.pane.show({ start: unitNow, end: Math.min(unitNow + 1, this.pane.node.length) });
    this.#speak(selection, unitNow);
    return true;
  }

  /** A move beyond the note ends at its edge. */
  #inside(selection) {
    if (selection.focusNode === this.pane.node) return;
    const after = selection.focusNode
      && this.pane.node.compareDocumentPosition(selection.focusNode) & Node.DOCUMENT_POSITION_FOLLOWING;
    const edge = after ? this.pane.node.length : 0;
    if (selection.anchorNode === this.pane.node && !selection.isCollapsed) {
      selection.extend(this.pane.node, edge);
    } else selection.collapse(this.pane.node, edge);
  }

  #speak(selection, unit) {
    const words = selection.isCollapsed
      ? /^\s*\S*/.exec(this.pane.words({ start: unit, end: unit + 40 }))[0].trim() || "blank"
      : `selected: ${selection.toString().slice(-80)}`;
    announce(words);
  }

  #draw() {
    const selection = getSelection();
    const shown = this.on && selection.focusNode === this.pane.node;
    this.caret.hidden = !shown;
    if (!shown) return;
    const unit = Math.min(selection.focusOffset, this.pane.node.length - 1);
    const box = this.pane.box({ start: unit, end: unit + 1 });
    const origin = this.caret.offsetParent.getBoundingClientRect();
    const left = selection.focusOffset > unit ? box.right : box.left;
    this.caret.style.transform = `translate(${left - origin.left}px, ${box.top - origin.top}px)`;
    this.caret.style.height = `${box.height}px`;
  }
}
