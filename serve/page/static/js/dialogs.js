import { byId } from "./dom.js";

/** Who waits for which dialog: answered at once, so that no key falls between two dialogs. */
const waiting = new Map();

/**
 * Open a dialog of the page and wait for its end. Nothing in it is chosen beforehand: the focus is
 * on its heading, or on the field named by `autofocus`.
 * @returns {Promise<string>} the value it was closed with; empty where it was left
 */
export function ask(id) {
  const dialog = byId(id);
  dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("h2")).focus();
  return new Promise((resolve) => waiting.set(dialog, resolve));
}

export function answer(dialog, value) {
  dialog.close();
  settle(dialog, value);
}

function settle(dialog, value) {
  waiting.get(dialog)?.(value);
  waiting.delete(dialog);
}

/** Buttons with `data-close` end their dialog with it; the key in `data-key` presses one. */
export function bindDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(dialog, "");
    });
    // The browser may close one against the page's will.
    dialog.addEventListener("close", () => { if (!dialog.open) settle(dialog, ""); });
    dialog.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-close]");
      if (button) answer(dialog, button.dataset.close);
    });
    dialog.addEventListener("keydown", (event) => press(dialog, event));
  }
}

function press(dialog, event) {
  const writes = event.target.matches("input, textarea, select");
  const sends = event.key === "Enter" && event.ctrlKey && event.target.matches("textarea");
  const named = `button[data-key="${CSS.escape(event.key.toLowerCase())}"]`;
  const plain = !writes && !event.ctrlKey && !event.altKey;
  const button = sends ? dialog.querySelector("button.first") : plain && dialog.querySelector(named);
  if (!button) return;
  event.preventDefault();
  button.click();
}

/** Ask for words; null where none were given. */
export async function askWords(title) {
  byId("words-title").textContent = title;
  const field = byId("words-text");
  field.value = "";
  const answered = await ask("words");
  return answered === "save" && field.value.trim() ? field.value.trim() : null;
}
