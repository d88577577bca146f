// Suggest codes for a note, queue it for review, decide, and fetch the decisions.
//
// Usage: CAC_URL=http://localhost:8700 CAC_API_KEY=cac_... node client.mjs
// Node 18 or later, nothing else. Keep the key on a server of yours: a page must never hold it.
// On the server, this makes a key for all of the steps:
// cac keys add admin --scopes suggest,notes:read,notes:write,review,export
// A coder may do all but the last one (`export`).

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const { CAC_URL = "http://localhost:8700", CAC_API_KEY } = process.env;
const TEXT = "Assessment: CKD stage 3b. Gout of the left foot. No chest pain.";

/** What the server said, as RFC 9457 problem details; never a word of the note. */
class RefusedError extends Error {}

/** Send a request, again where the server is busy; throw a RefusedError where it says no. */
async function call(method, path, body, headers = {}, tries = 5) {
  const answer = await fetch(new URL(path, CAC_URL), {
    method,
    headers: { Authorization: `Bearer ${CAC_API_KEY}`, "Content-Type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  if ([429, 503].includes(answer.status) && tries > 1) {
    await sleep(1000 * Number(answer.headers.get("Retry-After") ?? 1));
    return call(method, path, body, headers, tries - 1);
  }
  if (!answer.ok) {
    const problem = await answer.json();
    throw new RefusedError(`${problem.status} ${problem.type}: ${problem.detail}`);
  }
  return answer;
}

/** Return as soon as codes are suggested for a note. */
async function wait(note, seconds = 60) {
  const end = Date.now() + 1000 * seconds;
  while ((await (await call("GET", `/v1/notes/${note}/status`)).json()).status === "queued") {
    if (Date.now() > end) throw new Error(`${note} is queued still`);
    await sleep(500);
  }
}

process.on("uncaughtException", (error) => {
  console.error(error instanceof RefusedError ? `The server refused: ${error.message}` : error);
  process.exitCode = 1;
});

/** Offsets count code points; JavaScript's own count UTF-16 units. */
const quote = (text, { start, end }) => [...text].slice(start, end).join("");

const note = { note_id: `visit-${randomUUID()}`, text: TEXT, setting: "outpatient" };

// Codes at once; nothing is kept.
const { results } = await (await call("POST", "/v1/suggest", { notes: [note] })).json();
for (const found of results[0].suggestions) {
  console.log("suggested:", found.code, found.description, found.evidence.map((e) => quote(TEXT, e)));
}

// The note for people to review. Sent again under the same key, it is still one note.
const once = { "Idempotency-Key": randomUUID() };
const { id } = await (await call("POST", "/v1/notes", note, once)).json();

// Wait until it is ready, take it, and decide: what is answered is on disk.
await wait(id);
await call("POST", `/v1/notes/${id}/claim`);
const held = await (await call("GET", `/v1/notes/${id}`)).json();
const decisions = held.suggestions.map((s) => ({
  kind: "accept",
  code: { system: s.system, value: s.code },
}));
const sent = {
  decisions: [...decisions, { kind: "complete" }],
  expected_version: held.state.version,
};
await call("POST", `/v1/notes/${id}/decisions`, sent);

// Somebody who decides on what is no longer so is told, and overwrites nothing.
try {
  await call("POST", `/v1/notes/${id}/decisions`, sent);
} catch (refused) {
  if (!(refused instanceof RefusedError)) throw refused;
  console.log("refused:", refused.message);
}

// The decisions, one coded note a line.
const exported = await (await call("GET", "/v1/export/decisions")).text();
for (const coded of exported.trim().split("\n").map((line) => JSON.parse(line))) {
  if (coded.note_id === note.note_id) console.log("decided:", ...coded.codes.map((c) => c.code));
}
