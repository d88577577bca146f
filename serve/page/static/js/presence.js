import { path, post } from "./api.js";

const LOOK_MS = 15_000;
const ALIVE_MS = 4 * 60_000;

/**
 * While the coder works, the claim and the session are kept alive; idle for longer than the site
 * allows, the note leaves the screen (automatic logoff) and the unsent acts stay in this tab.
 */
export class Presence {
  /** @param {{noteId: string, idleMinutes: number, leave: () => void, lost: (problem: Problem) => void}} of */
  constructor({ noteId, idleMinutes, leave, lost }, now = () => Date.now()) {
    Object.assign(this, { noteId, leave, lost, now, idleMs: idleMinutes * 60_000 });
    this.seen = this.told = now();
    for (const sign of ["keydown", "pointermove", "pointerdown", "wheel"]) {
      addEventListener(sign, () => { this.seen = this.now(); }, { capture: true, passive: true });
    }
    setInterval(() => this.look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.look());
  }

  look() {
    const now = this.now();
    if (now - this.seen > this.idleMs) this.leave();
    else if (now - this.told > ALIVE_MS && this.seen > this.told) {
      this.told = now;
      post(path("v1", "notes", this.noteId, "claim")).catch(this.lost);
    }
  }
}
