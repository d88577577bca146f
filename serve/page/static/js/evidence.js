import { Offsets } from "./offsets.js";

/** How what is said of a mention is called and drawn: the names of the CSS highlights. */
export const ASSERTIONS = {
  PRESENT: "present",
  POSSIBLE: "possible",
  HYPOTHETICAL: "hypothetical",
  HISTORICAL: "historical",
  NEGATED: "negated",
  OTHER_SUBJECT: "family",
};

/**
 * The pieces of evidence of all codes, in UTF-16 units of the note.
 * @typedef {{start: number, end: number, code: Object, assertion: string, section: string,
 *   suggested: boolean}} Piece
 */
export class EvidenceMap {
  constructor(text, suggestions, rejected) {
    this.offsets = new Offsets(text);
    /** @type {Piece[]} */
    this.pieces = [
      ...suggestions.flatMap((s) => this.#pieces(s, true)),
      ...rejected.flatMap((s) => this.#pieces(s, false)),
    ].sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #pieces(suggestion, suggested) {
    const code = { system: suggestion.system, value: suggestion.code };
    return suggestion.evidence.map((e) => ({
      ...this.units(e), code, suggested, assertion: e.assertion, section: e.section,
    }));
  }

  /** From Python characters to UTF-16 units. */
  units({ start, end }) {
    return { start: this.offsets.toUtf16(start), end: this.offsets.toUtf16(end) };
  }

  /** From UTF-16 units to Python characters. */
  characters({ start, end }) {
    return { start: this.offsets.toCharacter(start), end: this.offsets.toCharacter(end) };
  }

  /** The pieces over a place, suggested ones first, the shortest (most specific) first. */
  at(unit) {
    return this.pieces
      .filter((p) => p.start <= unit && unit < p.end)
      .sort((a, b) => b.suggested - a.suggested || a.end - a.start - (b.end - b.start));
  }

  of(code) {
    return this.pieces.filter((p) => p.code.system === code.system && p.code.value === code.value);
  }
}

/** The stretches that two codes or more share. */
export function overlaps(pieces) {
  const edges = pieces
    .flatMap((p) => [[p.start, 1], [p.end, -1]])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const found = [];
  let depth = 0;
  let start = 0;
  for (const [place, step] of edges) {
    if (depth >= 2 && place > start) found.push({ start, end: place });
    depth += step;
    start = place;
  }
  return found;
}
