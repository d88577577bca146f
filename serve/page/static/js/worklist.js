import { byId, h } from "./dom.js";
import { get } from "./api.js";
import { refuse, trouble, watchFaults } from "./live.js";

const filters = byId("filters");
let cursor = "";
let timer = 0;
let turn = 0;

const AGAIN_MS = 3000;

/** Fill the table by the filters; `more` goes on behind what is shown. */
async function fill({ more = false } = {}) {
  const mine = ++turn;
  const asked = new URLSearchParams(new FormData(filters));
  if (more) asked.set("cursor", cursor);
  try {
    const { notes, next_cursor: next, counts } = await get(`/v1/worklist?${asked}`);
    if (mine !== turn) return; // The filters were changed meanwhile.
    cursor = next;
    byId("trouble").hidden = true;
    if (!more) byId("worklist-body").replaceChildren();
    byId("worklist-body").append(...notes.map(noteRow));
    byId("more").hidden = !next;
    byId("worklist-empty").hidden = byId("worklist-body").children.length > 0;
    waitFor(counts.queued ?? 0);
  } catch (problem) {
    trouble(problem.message);
  }
}

/** Look again while notes wait for the model, unless someone is among the rows or further down. */
function waitFor(n_queued) {
  byId("queued").hidden = !n_queued;
  byId("queued").textContent = n_queued === 1 ? "One note waits for the model." : `${n_queued} notes wait for the model.`;
  clearTimeout(timer);
  if (n_queued) timer = setTimeout(() => (isUsed() ? waitFor(n_queued) : fill()), AGAIN_MS);
}

const isUsed = () => byId("worklist").contains(document.activeElement) || scrollY > 0;

function noteRow(note) {
  const free = note.status === "ready" && (!note.claimed_by || note.is_mine) && !note.barred;
  return h("tr", { "data-free": free },
    h("th", { scope: "row" }, h("a", { href: `/review/${encodeURIComponent(note.id)}` }, note.note_id)),
    h("td", {}, note.note_type),
    h("td", {}, note.setting ?? ""),
    h("td", {}, note.payer),
    h("td", { class: "number" }, note.priority || ""),
    h("td", {}, h("time", { datetime: note.received_at }, new Date(note.received_at).toLocaleString())),
    h("td", { class: "number" }, note.confidence === null ? "" : note.confidence.toFixed(2)),
    h("td", {}, standing(note), note.blinded ? h("span", { class: "flag" }, "blinded") : null));
}

function standing({ status, failure, claimed_by: holder, is_mine: mine }) {
  if (status === "failed") return `failed (${failure})`;
  return [status, mine ? "yours" : holder && `held by ${holder}`].filter(Boolean).join(", ");
}

/** Acts that a lost connection left in this tab are named, with the way to them. */
function tellUnsent() {
  const mine = `cac.outbox ${document.body.dataset.user} `;
  const left = Object.keys(sessionStorage).filter((name) => name.startsWith(mine)).map((name) => name.slice(mine.length));
  byId("unsent").hidden = !left.length;
  byId("unsent-notes").replaceChildren(...left.map((id) => h("li", {}, h("a", { href: `/review/${encodeURIComponent(id)}` }, id))));
}

function goOn() {
  const free = document.querySelector("tr[data-free] a");
  if (free) free.click();
  else refuse("No note of this list is free to review.");
}

watchFaults();
filters.addEventListener("change", () => fill());
filters.addEventListener("submit", (event) => event.preventDefault());
byId("more").addEventListener("click", () => fill({ more: true }));
byId("next-note").addEventListener("click", goOn);
document.addEventListener("keydown", (event) => {
  const rows = [...document.querySelectorAll("#worklist-body a")];
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches("input, select") || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(document.activeElement) + step))]?.focus();
});
tellUnsent();
await fill();
if (document.activeElement === document.body) byId("next-note").focus();
document.body.dataset.ready = "yes";
