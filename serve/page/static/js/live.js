import { byId } from "./dom.js";

const SHOWN_MS = 8000;
let timer = 0;

/** Say something to who hears the page; `urgent` interrupts. */
export function announce(message, { urgent = false } = {}) {
  const region = byId(urgent ? "alerts" : "announcements");
  region.textContent = "";
  // What was refused before is past.
  if (byId("said")) byId("said").hidden = true;
  // A region speaks when it changes: the same words twice need the pause between.
  setTimeout(() => { region.textContent = message; }, 20);
}

/** Say why nothing came of a key: to who sees the page as well. */
export function refuse(message) {
  announce(message, { urgent: true });
  byId("said").textContent = message;
  byId("said").hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { byId("said").hidden = true; }, SHOWN_MS);
}

/** Say what stands in the way until it is settled. */
export function trouble(message) {
  byId("trouble").textContent = message;
  byId("trouble").hidden = false;
}

/** An error that nobody expected is said, whatever else becomes of it. */
export function watchFaults() {
  for (const kind of ["error", "unhandledrejection"]) {
    addEventListener(kind, () => trouble("Something went wrong in this page: reload it. What is not saved stays in this tab."));
  }
}
