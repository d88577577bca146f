import { Problem, path, post } from "./api.js";

const WAIT_MS = [500, 1000, 2000, 4000, 8000, 15000];
/** Statuses after which the same words may well be taken later. */
const LATER = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

/**
 * Acts on their way to the server. Each is sent at once; without a connection they are kept in this
 * tab (`sessionStorage`: codes, places, comments; never words of the note) and sent again. A batch
 * keeps its key, so that one whose answer was lost is not done twice.
 *
 * Events: `change`; `saved` (detail: the answer); `conflict`, `refused`, `ended` (detail: Problem).
 */
export class Outbox extends EventTarget {
  constructor(noteId, owner, version) {
    super();
    this.noteId = noteId;
    this.version = version;
    this.place = `cac.outbox ${owner} ${noteId}`;
    this.batch = null;
    this.waiting = [];
    this.n_failures = 0;
    this.stopped = false;
    this.sending = false;
    /** Why the server does not take the oldest act; null: it may. */
    this.refusal = null;
    /** Whether each act is sent by itself: one of several was refused. */
    this.singly = false;
    /** Whether the browser keeps what waits. */
    this.isKept = true;
    /** Whether the page may be left: what is kept here is found again. */
    this.stays = false;
    this.#restore();
    addEventListener("online", () => this.retry());
    addEventListener("beforeunload", (event) => { if (this.size && !this.stays) event.preventDefault(); });
  }

  get size() {
    return this.acts.length;
  }

  /** All acts not yet known to be on disk, oldest first. */
  get acts() {
    return [...(this.batch?.acts ?? []), ...this.waiting];
  }

  add(act) {
    this.waiting.push(act);
    this.#keep();
    this.flush();
  }

  /** Try again now: the connection is back, or the coder asks. */
  retry() {
    clearTimeout(this.timer);
    this.stopped = false;
    this.refusal = null;
    this.flush();
  }

  /** Send everything on top of `version`, a newer state than it was made for. */
  rebase(version) {
    this.version = version;
    this.waiting = this.acts;
    this.batch = null;
    this.#keep();
    this.retry();
  }

  /** Forget what was not sent. */
  discard(version) {
    this.version = version;
    this.batch = null;
    this.waiting = [];
    this.stopped = false;
    this.refusal = null;
    this.#keep();
  }

  /**
   * Forget the act that was refused, and what comes after it where that takes acts back: it may
   * mean this one.
   * @returns {Object[]} what was forgotten
   */
  leaveOut(version) {
    const goOn = this.waiting.some((act) => act.kind === "undo" || act.kind === "redo") ? [] : this.waiting;
    const left = this.acts.filter((act) => !goOn.includes(act));
    this.discard(version);
    this.waiting = goOn;
    this.#keep();
    return left;
  }

  /** Wait until everything is on disk, or cannot be now. */
  async settled() {
    while (this.size && !this.stopped && !this.n_failures) {
      await new Promise((resolve) => this.addEventListener("change", resolve, { once: true }));
    }
  }

  async flush() {
    if (this.sending || this.stopped || !this.size) return;
    if (!this.batch) {
      const acts = this.waiting.splice(0, this.singly ? 1 : Infinity);
      this.batch = { key: crypto.randomUUID(), acts, version: this.version };
      this.#keep();
    }
    this.sending = true;
    try {
      this.#taken(await this.#send(this.batch));
    } catch (problem) {
      this.#failed(problem);
    } finally {
      this.sending = false;
    }
    if (!this.n_failures) this.flush();
  }

  #send({ key, acts, version }) {
    const body = { decisions: acts, expected_version: version };
    return post(path("v1", "notes", this.noteId, "decisions"), body, { "Idempotency-Key": key });
  }

  #taken(answer) {
    this.n_failures = 0;
    this.version = answer.version;
    this.batch = null;
    this.singly &&= this.size > 0;
    this.#keep();
    this.#tell("saved", answer);
  }

  #failed(problem) {
    if (!(problem instanceof Problem)) throw problem;
    this.n_failures += 1;
    if (LATER.has(problem.status)) {
      const wait = WAIT_MS[Math.min(this.n_failures, WAIT_MS.length) - 1];
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), wait);
    } else this.#refused(problem);
    this.#tell("change");
  }

  #refused(problem) {
    this.n_failures = 0;
    const name = { 401: "ended", 409: "conflict" }[problem.status] ?? "refused";
    if (name === "refused" && this.batch.acts.length > 1) {
      this.waiting = this.acts;
      this.batch = null;
      this.singly = true;
      return;
    }
    this.stopped = true;
    if (name === "refused") this.refusal = problem;
    this.#tell(name, problem);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #keep() {
    try {
      if (this.size) sessionStorage.setItem(this.place, JSON.stringify({ batch: this.batch, waiting: this.waiting }));
      else sessionStorage.removeItem(this.place);
      this.isKept = true;
    } catch {
      // Storage is full or forbidden: what waits is sent all the same.
      this.isKept = false;
    }
    this.#tell("change");
  }

  #restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.place) ?? "null");
    if (kept) Object.assign(this, kept);
  }
}
