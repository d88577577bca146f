import { byId } from "./dom.js";

/** Say something to who hears the page; `urgent` interrupts. */
export function announce(message, { urgent = false } = {}) {
  const region = byId(urgent ? "alerts" : "announcements");
  region.textContent = "";
  // A region speaks when it changes: the same words twice need the pause between.
  setTimeout(() => { region.textContent = message; }, 20);
}
