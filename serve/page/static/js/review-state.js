import { apply, codeKey } from "./fold.js";
import { Outbox } from "./outbox.js";

const WITHOUT_PAST = new Set(["complete", "reopen"]);

/**
 * The review of one note: the state as the coder sees it, at once, and the outbox that saves it.
 * Events: `change`, and those of the outbox.
 */
export class ReviewState extends EventTarget {
  constructor(note, { owner, clock }) {
    super();
    this.clock = clock;
    this.view = note.state;
    const suggested = new Set(note.suggestions.map((s) => `${s.system} ${s.code}`));
    this.isSuggested = (code) => suggested.has(codeKey(code));
    this.past = [];
    this.future = [];
    this.outbox = new Outbox(note.id, owner, note.state.version);
    for (const act of this.outbox.acts) this.#show(act);
    this.outbox.addEventListener("saved", ({ detail }) => this.#saved(detail));
    this.outbox.addEventListener("change", () => this.#tell());
  }

  get canUndo() {
    return this.past.length > 0 || this.view.undoable.length > 0;
  }

  get canRedo() {
    return this.future.length > 0 || this.view.redoable.length > 0;
  }

  code(wanted) {
    return this.view.codes.find((c) => c.system === wanted.system && c.value === wanted.value);
  }

  /** Do something: it is seen at once, and on its way to the server. */
  act(act) {
    const timed = { ...act, active_ms: this.clock.take() };
    this.#show(timed);
    this.outbox.add(timed);
  }

  /** Take over what the server holds, with what is still to be sent on top. */
  reset(state) {
    this.view = state;
    this.past = [];
    this.future = [];
    for (const act of this.outbox.acts) this.#show(act);
    this.#tell();
  }

  #show(act) {
    if (act.kind === "undo") this.#swap(this.past, this.future);
    else if (act.kind === "redo") this.#swap(this.future, this.past);
    else {
      if (WITHOUT_PAST.has(act.kind)) this.past = [];
      else this.past.push(this.view);
      this.future = [];
      const active_ms = this.view.active_ms + act.active_ms;
      this.view = { ...apply(this.view, act, this.isSuggested), redoable: [], active_ms };
    }
  }

  /** Where an older act is undone than this page has seen, the server's answer shows it. */
  #swap(from, to) {
    if (!from.length) return;
    to.push(this.view);
    this.view = from.pop();
  }

  #saved(answer) {
    if (!this.outbox.size) this.view = answer.state;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
