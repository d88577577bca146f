/**
 * Offsets of one text: Python characters (code points) outside, UTF-16 units in the DOM.
 * Converted here, at the boundary, and nowhere else.
 */
export class Offsets {
  /** @param {string} text the untouched note */
  constructor(text) {
    /** UTF-16 position of the first unit of each surrogate pair, ascending. */
    this.pairs = [];
    for (const match of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) {
      this.pairs.push(match.index);
    }
  }

  /** @param {number} character an offset in Python characters */
  toUtf16(character) {
    return character + this.#count((pair, rank) => pair - rank < character);
  }

  /** @param {number} unit a UTF-16 offset; one inside a pair means the pair's beginning */
  toCharacter(unit) {
    return unit - this.#count((pair) => pair < unit);
  }

  /** Number of pairs, counted from the first, for which `before` holds. */
  #count(before) {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(this.pairs[middle], middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
