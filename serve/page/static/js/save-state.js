import { announce, trouble } from "./live.js";
import { ask } from "./dialogs.js";
import { byId, h } from "./dom.js";
import { get, path, post } from "./api.js";

/** Says whether everything is on disk, and settles what the server did not take. */
export class SaveState {
  constructor(review) {
    this.review = review;
    this.outbox = review.state.outbox;
    this.outbox.addEventListener("conflict", () => this.#conflict());
    this.outbox.addEventListener("refused", ({ detail }) => trouble(detail.message));
    this.outbox.addEventListener("ended", () =>
      trouble("Your session has ended: log in in another tab, then press Save again."));
    if (this.outbox.size) this.outbox.retry();
  }

  render() {
    const { size, n_failures, stopped, refusal, isKept } = this.outbox;
    const waits = n_failures > 0 || stopped;
    const kind = !size ? "saved" : waits ? "unsaved" : "saving";
    const words = {
      saved: "Saved", saving: "Saving…",
      unsaved: `Not saved: ${size} ${size === 1 ? "act waits" : "acts wait"} in this tab${isKept ? "" : ", which must stay open"}`,
    }[kind];
    const place = byId("save-state");
    if (place.dataset.kind !== kind && (kind === "unsaved" || place.dataset.kind === "unsaved")) announce(words, { urgent: true });
    place.dataset.kind = kind;
    byId("save-words").textContent = words;
    byId("offline").hidden = kind !== "unsaved";
    byId("leave-out").hidden = !refusal;
    if (kind === "saved") byId("trouble").hidden = true;
  }

  /** What the server refused is given up; the rest goes on. @returns {Promise<string>} what it was */
  async leaveOut() {
    const { state } = await get(path("v1", "notes", this.review.note.id));
    const left = this.outbox.leaveOut(state.version);
    this.review.state.reset(state);
    this.outbox.retry();
    return left.map(inWords).join("; ");
  }

  /** The note went on elsewhere: the coder says what becomes of the unsent acts. */
  async #conflict() {
    if (byId("conflict").open) return;
    const { id } = this.review.note;
    const refused = await post(path("v1", "notes", id, "claim")).then(() => "", (problem) => problem.message);
    const note = await get(path("v1", "notes", id)).catch(() => null);
    byId("conflict-words").textContent = refused || "The note was changed elsewhere, perhaps in another tab.";
    byId("conflict-acts").replaceChildren(...this.outbox.acts.map((act) =>
      h("li", {}, inWords(act))));
    byId("conflict-apply").hidden = Boolean(refused) || !note;
    const answered = await ask("conflict");
    if (answered === "apply") this.outbox.rebase(note.state.version);
    if (answered === "discard") this.#discard(note, refused);
  }

  #discard(note, refused) {
    this.outbox.discard(note?.state.version ?? 0);
    this.review.note.refused = refused;
    if (note) this.review.state.reset(note.state);
    else location.assign("/worklist");
  }
}

const inWords = ({ kind, code, replacement, reason }) => [kind, code?.value, replacement?.value ?? reason].filter(Boolean).join(" ");
