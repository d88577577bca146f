const IDLE_MS = 60_000;
const SIGNS = ["keydown", "pointermove", "pointerdown", "wheel", "scroll"];

/**
 * Time at work: it runs while the page is seen and a key, pointer or scroll came within the last
 * minute; what goes beyond is idle and not counted.
 */
export class ActiveClock {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.total = 0;
    this.taken = 0;
    this.last = now();
    for (const sign of SIGNS) addEventListener(sign, () => this.sign(), { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => this.#seen(!document.hidden));
  }

  /** Someone is here: count since the last sign, a minute at most. */
  sign() {
    const now = this.now();
    this.total += Math.min(now - this.last, IDLE_MS);
    this.last = now;
  }

  /** The time away from the page is nobody's work. */
  #seen(isSeen) {
    if (isSeen) this.last = this.now();
    else this.sign();
  }

  /** Milliseconds at work since they were last taken. */
  take() {
    this.sign();
    const fresh = Math.round(this.total - this.taken);
    this.taken += fresh;
    return fresh;
  }
}
