import { get, path } from "./api.js";

/** Codes that a search answers at most. */
export const MOST = 30;

/** The code sets of the release in force on the day of service; each code is asked for once. */
export class CodeSets {
  /** @param {string|null} day ISO 8601; null: today */
  constructor(day) {
    this.day = day;
    this.kept = new Map();
  }

  /** All that the code set says of a code: title, notes, what stands above, beside and below. */
  lookUp(system, value) {
    const name = `${system} ${value}`;
    if (!this.kept.has(name)) {
      const answer = get(this.#address(path("v1", "codes", system, value)));
      answer.catch(() => this.kept.delete(name));
      this.kept.set(name, answer);
    }
    return this.kept.get(name);
  }

  /** Codes whose number begins so, or whose terms match the words, best first. */
  async find(system, words) {
    const { codes } = await get(this.#address(path("v1", "codes", system), { q: words, limit: MOST }));
    return codes;
  }

  #address(place, asked = {}) {
    const query = new URLSearchParams(this.day ? { ...asked, service_date: this.day } : asked);
    return query.size ? `${place}?${query}` : place;
  }
}
