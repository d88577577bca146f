import { byId, h } from "./dom.js";
import { Card } from "./card.js";
import { codeKey } from "./fold.js";

const BANDS = ["accept", "review", "abstain", null];
const BAND_NAMES = { accept: "accept band", review: "review band", abstain: "below the threshold" };

/** The suggestions by system and band, one of them current. */
export class Cards {
  constructor(note, context, onSelect) {
    this.note = note;
    this.context = context;
    this.onSelect = onSelect;
    this.cards = new Map();
    this.current = null;
    this.#fill(byId("suggestion-list"), groups(note.suggestions));
    this.#fill(byId("found-list"), [["", note.rejected]]);
    byId("found").hidden = !note.rejected.length;
    byId("n-found").textContent = note.rejected.length;
    this.added = h("ol", { class: "cards" });
    this.addedGroup = h("section", { hidden: true }, h("h3", {}, "Added by you"), this.added);
    byId("suggestion-list").append(this.addedGroup);
  }

  #fill(place, named) {
    for (const [name, suggestions] of named) {
      const list = h("ol", { class: "cards" }, suggestions.map((s) => this.#make(s).item));
      place.append(h("section", {}, name ? h("h3", {}, name) : null, list));
    }
  }

  #make(suggestion) {
    const card = new Card(suggestion, this.context);
    card.element.card = card;
    this.cards.set(codeKey(card.code), card);
    return card;
  }

  /** Show the state; codes that nobody suggested get their card. */
  update(state) {
    const known = new Map(state.codes.map((c) => [codeKey(c), c]));
    for (const [name, code] of known) {
      const description = this.context.titles.of(code);
      if (!this.cards.has(name)) this.added.append(this.#make(asSuggestion(code, description)).item);
      else this.#renew(this.cards.get(name), code, description);
    }
    for (const [name, card] of this.cards) {
      card.update(known.get(name));
      const own = this.isOwn(card);
      if (own) card.item.hidden = !known.has(name) || known.get(name).status === "suggested";
    }
    this.addedGroup.hidden = ![...this.added.children].some((item) => !item.hidden);
  }

  /** The title may come after the code, and a code may be added again for other words. */
  #renew(card, code, description) {
    if (!card.suggestion.description) card.entitle(description);
    if (!this.isOwn(card) || !code.evidence.length || sameSpans(card.suggestion.evidence, code.evidence)) return;
    card.suggestion.evidence = evidenceOf(code);
    if (card === this.current) {
      card.open();
      this.onSelect(card);
    }
  }

  isOwn(card) {
    return card.item.parentElement === this.added;
  }

  isFound(card) {
    return card.element.closest("#found") !== null;
  }

  get shown() {
    return [...document.querySelectorAll("#right .card")]
      .map((element) => element.card)
      .filter((card) => card.element.checkVisibility());
  }

  card(code) {
    return this.cards.get(codeKey(code));
  }

  /** Make a card the current one; `focus` moves there as well. */
  select(card, { focus = true } = {}) {
    if (!card) return;
    if (card !== this.current) {
      this.current?.close();
      this.current = card;
      if (card.element.closest("details:not([open])")) card.element.closest("details").open = true;
      card.open();
      this.onSelect(card);
    }
    if (focus) card.element.focus({ preventScroll: true });
    card.element.scrollIntoView({ block: "nearest" });
    // Of a card higher than the pane, the first line.
    card.element.querySelector(".line").scrollIntoView({ block: "nearest" });
  }

  step(by, options) {
    const shown = this.shown;
    const place = shown.indexOf(this.current);
    const next = place < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, place + by));
    this.select(shown[next], options);
  }

  /** The next card without a decision, from the current one on and round. */
  undecided() {
    const shown = this.shown.filter((card) => !this.isFound(card));
    const place = shown.indexOf(this.current);
    const order = [...shown.slice(place + 1), ...shown.slice(0, place + 1)];
    return order.find((card) => card.element.dataset.status === "suggested");
  }
}

function groups(suggestions) {
  const found = new Map();
  const sorted = [...suggestions].sort((a, b) =>
    a.system.localeCompare(b.system) || BANDS.indexOf(a.band) - BANDS.indexOf(b.band) || a.rank - b.rank);
  for (const suggestion of sorted) {
    const band = BAND_NAMES[suggestion.band];
    const name = band ? `${suggestion.system} · ${band}` : suggestion.system;
    found.set(name, [...(found.get(name) ?? []), suggestion]);
  }
  return found;
}

function asSuggestion(code, description) {
  return {
    system: code.system, code: code.value, description, concerns: [],
    evidence: evidenceOf(code),
  };
}

const evidenceOf = (code) => (code.evidence ?? []).map((e) => ({ section: "", assertion: "PRESENT", weight: 1, ...e }));

const sameSpans = (a, b) => a.length === b.length && a.every((e, n) => e.start === b[n].start && e.end === b[n].end);
