import { announce } from "./live.js";
import { ask } from "./dialogs.js";
import { byId, h } from "./dom.js";
import { get, path } from "./api.js";

/** Says whether everything is on disk, and settles what the server did not take. */
export class SaveState {
  constructor(review) {
    this.review = review;
    this.outbox = review.state.outbox;
    this.outbox.addEventListener("conflict", () => this.#conflict());
    this.outbox.addEventListener("refused", ({ detail }) => this.#trouble(detail.message));
    this.outbox.addEventListener("ended", () =>
      this.#trouble("Your session has ended: log in in another tab, then press Save again."));
    if (this.outbox.size) this.outbox.retry();
  }

  render() {
    const { size, n_failures: n_failures, stopped } = this.outbox;
    const waits = n_failures > 0 || stopped;
    const kind = !size ? "saved" : waits ? "unsaved" : "saving";
    const words = {
      saved: "Saved", saving: "Saving…",
      unsaved: `Not saved: ${size} ${size === 1 ? "act waits" : "acts wait"} in this tab`,
    }[kind];
    const place = byId("save-state");
    if (place.dataset.kind !== kind && (kind === "unsaved" || place.dataset.kind === "unsaved")) announce(words, { urgent: true });
    place.dataset.kind = kind;
    byId("save-words").textContent = words;
    byId("offline").hidden = kind !== "unsaved";
    if (kind === "saved") byId("trouble").hidden = true;
  }

  #trouble(message) {
    byId("trouble").textContent = message;
    byId("trouble").hidden = false;
    announce(message, { urgent: true });
  }

  /** The note went on elsewhere: the coder says what becomes of the unsent acts. */
  async #conflict() {
    const note = await get(path("v1", "notes", this.review.note.id)).catch(() => null);
    if (!note) return;
    const other = note.claimed_by && note.claimed_by !== document.body.dataset.user;
    byId("conflict-words").textContent = other
      ? `${note.claimed_by} holds this note now. What you decided since is not saved:`
      : "This note was changed elsewhere, perhaps in another tab. Not saved yet:";
    byId("conflict-acts").replaceChildren(...this.outbox.acts.map((act) =>
      h("li", {}, `${act.kind} ${act.code?.value ?? ""} ${act.replacement?.value ?? act.reason ?? ""}`)));
    byId("conflict-apply").hidden = Boolean(other);
    const answer = await ask("conflict");
    if (answer === "apply") this.outbox.rebase(note.state.version);
    else if (answer === "discard") {
      this.outbox.discard(note.state.version);
      this.review.note.held_by_other = Boolean(other);
      this.review.note.claimed_by = note.claimed_by;
      this.review.state.reset(note.state);
    }
  }
}
