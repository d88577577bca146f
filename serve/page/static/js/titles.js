import { codeKey } from "./fold.js";

/** Titles of codes: of what was suggested, of what the coder chose, else asked of the code set. */
export class Titles extends EventTarget {
  constructor(suggestions, codeSets) {
    super();
    this.codeSets = codeSets;
    this.known = new Map(suggestions.map((s) => [`${s.system} ${s.code}`, s.description]));
  }

  #untitled(name) {
    this.known.set(name, "(no title at hand)");
    this.dispatchEvent(new Event("change"));
  }

  learn({ system, value, description }) {
    this.known.set(codeKey({ system, value }), description);
  }

  /** The title; empty while it is asked for: `change` tells when it came. */
  of(code) {
    const name = codeKey(code);
    if (code.description) return code.description;
    if (!this.known.has(name)) {
      this.known.set(name, "");
      this.codeSets.lookUp(code.system, code.value).then(({ description }) => {
        this.known.set(name, description);
        this.dispatchEvent(new Event("change"));
      }, () => this.#untitled(name));
    }
    return this.known.get(name);
  }
}
