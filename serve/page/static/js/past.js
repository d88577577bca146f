import { ask } from "./dialogs.js";
import { byId, h, readable } from "./dom.js";
import { get, path } from "./api.js";

/** The decisions on the note, oldest first, as the log has them. */
export async function showHistory({ items }) {
  byId("history-body").replaceChildren(...items.map((event) => h("tr", {},
    h("td", {}, h("time", { datetime: event.at }, new Date(event.at).toLocaleString())),
    h("td", {}, event.by),
    h("td", {}, readable(event.kind)),
    h("td", {}, event.code ? h("code", { class: "code" }, event.code.value) : "",
      event.replacement ? h("code", { class: "code" }, ` → ${event.replacement.value}`) : ""),
    h("td", {}, [event.reason && readable(event.reason), event.comment, event.poa && `POA ${event.poa}`].filter(Boolean).join("; ")))));
  await ask("history");
}

/** What a newer model says otherwise than the older one. */
export async function showComparison(note) {
  const [before, after] = await versions(note);
  const codes = new Map();
  for (const [side, version] of [["before", before], ["after", after]]) {
    for (const s of version?.suggestions ?? []) {
      const name = `${s.system} ${s.code}`;
      codes.set(name, { code: s.code, title: s.description, ...codes.get(name), [side]: s });
    }
  }
  byId("compare-versions").textContent = before
    ? `${before.model_version} → ${after.model_version}` : "One model alone has read this note.";
  byId("compare-body").replaceChildren(...(before ? [...codes.values()].map(row) : []));
  await ask("compare");
}

async function versions(note) {
  const kept = note.versions ?? [];
  if (kept.length < 2) return [];
  const ask = (version) => get(path("v1", "notes", note.id, "versions", version.model_version));
  return Promise.all(kept.slice(-2).map(ask));
}

function row({ code, title, before, after }) {
  const change = !before ? "new" : !after ? "gone" : before.rank === after.rank ? "same" : "moved";
  const figures = (s) => (s ? `${s.rank} · ${s.probability.toFixed(2)}` : "–");
  return h("tr", { class: change }, h("td", {}, h("code", { class: "code" }, code)), h("td", {}, title),
    h("td", {}, figures(before)), h("td", {}, figures(after)), h("td", {}, change));
}
