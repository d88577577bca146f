/**
 * Make an element. Text goes in as text nodes alone, so nothing from a note, a title or a comment
 * is ever read as HTML.
 * @param {string} tag
 * @param {Object} properties attributes; `on*` functions are listeners; null and false are left out
 * @param {...(Node|string|null|false|Array)} children
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === false || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(3).filter((c) => c !== null && c !== false && c !== undefined));
  return element;
}

/** @param {string} id */
export function byId(id) {
  return document.getElementById(id);
}

/** Names of sections and assertions as words: `history_of_present_illness`, `OTHER_SUBJECT`. */
export function readable(name) {
  return name.replaceAll("_", " ").toLowerCase();
}

/** A key as it is drawn beside what it does. */
export function key(name) {
  return h("kbd", { "aria-hidden": "true" }, name);
}
