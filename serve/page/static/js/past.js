import { ask } from "./dialogs.js";
import { byId, h, readable } from "./dom.js";
import { get, path } from "./api.js";

/** What happened to the note, oldest first, as the log has it. */
export async function showHistory(note) {
  const { events } = await get(path("v1", "notes", note.id, "history"));
  byId("history-body").replaceChildren(...events.map(eventRow));
  await ask("history");
}

function eventRow({ at, by, kind, body }) {
  return h("tr", {},
    h("td", {}, h("time", { datetime: at }, new Date(at).toLocaleString())),
    h("td", {}, by),
    h("td", {}, readable(body.kind ?? kind).replace("note.", "")),
    h("td", {}, ...codesOf(body)),
    h("td", {}, [body.reason && readable(body.reason), body.comment, body.poa && `POA ${body.poa}`, !body.kind && body.model_version]
      .filter(Boolean).join("; ")));
}

function codesOf({ code, replacement, order }) {
  const named = [code?.[1], replacement && `→ ${replacement[1]}`, order?.map(([, value]) => value).join(" ")];
  return named.filter(Boolean).map((words) => h("code", { class: "code" }, words, " "));
}

/** What a newer model says otherwise than the one before it. */
export async function showComparison(note) {
  const { answers } = await get(path("v1", "notes", note.id, "answers"));
  const [before, after] = answers.length > 1 ? answers.slice(-2) : [];
  byId("compare-versions").textContent = before
    ? `${versionOf(before)} → ${versionOf(after)}` : "One model alone has read this note.";
  byId("compare-body").replaceChildren(...(before ? paired(before, after).map(codeRow) : []));
  await ask("compare");
}

const versionOf = (answer) => answer.model_version + (answer.is_shadow ? " (shadow)" : "");

function paired(before, after) {
  const codes = new Map();
  for (const [side, answer] of [["before", before], ["after", after]]) {
    for (const s of answer.suggestions) {
      const name = `${s.system} ${s.code}`;
      codes.set(name, { code: s.code, title: s.description, ...codes.get(name), [side]: s });
    }
  }
  return [...codes.values()];
}

function codeRow({ code, title, before, after }) {
  const change = !before ? "new" : !after ? "gone" : before.rank === after.rank ? "same" : "moved";
  const figures = (s) => (s ? `${s.rank} · ${s.probability.toFixed(2)}` : "–");
  return h("tr", { class: change }, h("td", {}, h("code", { class: "code" }, code)), h("td", {}, title),
    h("td", {}, figures(before)), h("td", {}, figures(after)), h("td", {}, change));
}
