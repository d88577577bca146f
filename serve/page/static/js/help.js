import { KEYS, letters } from "./keys.js";
import { byId, h } from "./dom.js";

const DRAWN = { ArrowUp: "↑", ArrowDown: "↓", Control: "Ctrl", Escape: "Esc" };
const drawn = (name) => name.split(/(?<=.)\+/).map((part) => DRAWN[part] ?? part).join(" ");

/** The overlay of the keys, from the table that they are read from. */
export function fillHelp() {
  byId("help-body").replaceChildren(...KEYS.map(([group, rows]) => h("section", {},
    h("h3", {}, group),
    h("dl", {}, rows.map(([, keys, label]) => h("div", {},
      h("dt", {}, keys.map((name) => h("kbd", {}, drawn(name)))), h("dd", {}, label)))))));
  const box = byId("letters");
  box.checked = letters.on;
  box.addEventListener("change", () => { letters.on = box.checked; });
}
