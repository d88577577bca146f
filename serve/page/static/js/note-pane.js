import { ASSERTIONS, overlaps } from "./evidence.js";

/** From the lowest to the highest: what is painted over what. */
const LAYERS = [
  "title", "found", ...Object.values(ASSERTIONS), "overlap", "kept", "current", "piece",
];

/** The note in one text node, and what is marked in it by the CSS Custom Highlight API. */
export class NotePane {
  /** @param {HTMLElement} element with nothing in it but the note */
  constructor(element, text, language) {
    this.element = element;
    this.node = document.createTextNode(text);
    element.replaceChildren(this.node);
    element.lang = language;
    this.highlights = {};
    LAYERS.forEach((name, place) => {
      const highlight = new Highlight();
      highlight.priority = place;
      this.highlights[name] = highlight;
      CSS.highlights.set(name, highlight);
    });
  }

  range({ start, end }) {
    const range = new StaticRange({
      startContainer: this.node, startOffset: start, endContainer: this.node, endOffset: end,
    });
    return range;
  }

  /** Mark these stretches, and no others, under a name. */
  mark(name, spans) {
    const highlight = this.highlights[name];
    highlight.clear();
    for (const span of spans) highlight.add(this.range(span));
  }

  markEvidence(pieces, { withFound }) {
    const suggested = pieces.filter((p) => p.suggested);
    for (const [assertion, name] of Object.entries(ASSERTIONS)) {
      this.mark(name, suggested.filter((p) => p.assertion === assertion));
    }
    this.mark("overlap", overlaps(suggested));
    const found = withFound ? pieces.filter((p) => !p.suggested) : [];
    this.mark("found", found);
    for (const [assertion, name] of Object.entries(ASSERTIONS)) {
      for (const piece of found) {
        if (piece.assertion === assertion) this.highlights[name].add(this.range(piece));
      }
    }
  }

  box(span) {
    const range = document.createRange();
    range.setStart(this.node, span.start);
    range.setEnd(this.node, span.end);
    return range.getBoundingClientRect();
  }

  /** Bring a stretch into view, a third from the top, unless it is well in view. */
  show(span) {
    const pane = this.element.getBoundingClientRect();
    const box = this.box(span);
    const margin = pane.height / 8;
    if (box.top >= pane.top + margin && box.bottom <= pane.bottom - margin) return;
    this.element.scrollTop += box.top - pane.top - pane.height / 3;
  }

  /** The UTF-16 offset under a point of the window; null beside the note. */
  unitAt(x, y) {
    const place = document.caretPositionFromPoint?.(x, y);
    const node = place ? place.offsetNode : document.caretRangeFromPoint?.(x, y)?.startContainer;
    if (node !== this.node) return null;
    return place ? place.offset : document.caretRangeFromPoint(x, y).startOffset;
  }

  /** The UTF-16 offset of the caret; null where it is not in the note. */
  get caretUnit() {
    const { focusNode, focusOffset } = getSelection();
    return focusNode === this.node ? focusOffset : null;
  }

  /** What is selected in the note, in UTF-16 units without white space at its ends; or null. */
  selection() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (range.startContainer !== this.node && range.endContainer !== this.node) return null;
    const start = range.startContainer === this.node ? range.startOffset : 0;
    const end = range.endContainer === this.node ? range.endOffset : this.node.length;
    return this.trimmed({ start, end });
  }

  trimmed({ start, end }) {
    const words = this.node.data.slice(start, end);
    const from = start + words.length - words.trimStart().length;
    const to = end - (words.length - words.trimEnd().length);
    return from < to ? { start: from, end: to } : null;
  }

  words({ start, end }) {
    return this.node.data.slice(start, end);
  }

  /** The words around a stretch, on one line, for a quotation. */
  around({ start, end }, n_units = 40) {
    const flat = (text) => text.replace(/\s+/g, " ");
    const before = this.words({ start: Math.max(0, start - n_units), end: start });
    const after = this.words({ start: end, end: end + n_units });
    return [
      flat(start > n_units ? before.replace(/^\S*\s/, "") : before),
      flat(this.words({ start, end })),
      flat(after.replace(/\s\S*$/, "")),
    ];
  }
}
