/** The keys of the review page: `keys` as `KeyboardEvent.key`, what they do, and where they stand in the help. */
export const KEYS = [
  ["Codes", [
    ["next", ["j", "ArrowDown"], "Next code"],
    ["previous", ["k", "ArrowUp"], "Previous code"],
    ["next-undecided", ["."], "Next code without a decision"],
    ["to-suggestions", ["1"], "Go to the suggestions"],
    ["to-note", ["2"], "Go to the note"],
    ["to-coded", ["3"], "Go to the codes in sequence"],
    ["to-outline", ["4"], "Go to the outline"],
  ]],
  ["Evidence", [
    ["next-piece", ["n"], "Next piece of evidence of this code"],
    ["previous-piece", ["p"], "Previous piece"],
    ["into-note", ["Enter", "e"], "From the code into the note, at its evidence"],
    ["code-at-caret", ["g", "Enter"], "In the note: to the code of the evidence at the caret"],
    ["back", ["Escape"], "From the note back to the code; again: drop what was kept"],
    ["why", ["w"], "Why this code: open or close"],
    ["alternatives", ["l"], "Alternatives: open or close"],
    ["toggle-found", ["x"], "Show or hide what was found but not suggested"],
  ]],
  ["Decide", [
    ["accept", ["a"], "Accept"],
    ["reject", ["r"], "Reject, with a reason (then 1 to 8)"],
    ["replace", ["c"], "Replace by another code"],
    ["principal", ["m"], "Mark as principal (outpatient: first-listed)"],
    ["poa", ["o"], "Present on admission (inpatient)"],
    ["comment", [";"], "Comment on the code"],
    ["up", ["Alt+ArrowUp", "["], "Earlier in the sequence"],
    ["down", ["Alt+ArrowDown", "]"], "Later in the sequence"],
    ["undo", ["u", "Control+z"], "Undo"],
    ["redo", ["y", "Control+Shift+Z", "Control+y"], "Redo"],
  ]],
  ["Add a code", [
    ["caret", ["v"], "A caret in the note; Shift with arrows selects, Control by word"],
    ["keep", ["b"], "Keep the selection as one piece, and select another"],
    ["add", ["+", "i"], "Add a code for what is selected"],
  ]],
  ["Note", [
    ["complete", ["Control+Enter"], "Complete: summary first"],
    ["note-comment", ["N"], "Comment on the note"],
    ["history", ["h"], "History of the note's decisions"],
    ["compare", ["d"], "Before and after a change of model"],
    ["help", ["?"], "These keys"],
  ]],
];

// A key that stands twice has its first meaning outside the note.
const NAMED = new Map(KEYS.flatMap(([, rows]) => rows).reverse()
  .flatMap(([act, keys]) => keys.map((name) => [name, act])));
const IN_NOTE = { Enter: "code-at-caret" };
const OFF = "cac.letters-off";

/** Whether keys without Control or Alt do anything: who dictates turns them off (WCAG 2.1.4). */
export const letters = {
  get on() { return localStorage.getItem(OFF) === null; },
  set on(wanted) {
    if (wanted) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  },
};

/** The key as it stands in the table, whatever Caps Lock says. */
const typed = ({ key, shiftKey }) => (/^\p{L}$/u.test(key) ? (shiftKey ? key.toUpperCase() : key.toLowerCase()) : key);

/** What a key asks for, or undefined. */
export function actionOf(event) {
  const control = event.ctrlKey || event.metaKey;
  const held = [control && "Control", event.altKey && "Alt", control && event.shiftKey && "Shift"];
  const name = [...held.filter(Boolean), control ? event.key : typed(event)].join("+");
  if (event.key.length === 1 && !control && !event.altKey && !letters.on) return undefined;
  if (event.target.closest?.("#note") && name in IN_NOTE) return IN_NOTE[name];
  return NAMED.get(name);
}
