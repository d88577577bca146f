import { byId } from "./dom.js";
import { get, path, post } from "./api.js";

const WAIT_MS = 1500;

/**
 * Claim a note and read it. One that the model has not read yet is waited for; one that may be seen
 * and not decided on has the reason in `refused`.
 * @throws {Problem} the note may not be seen now: another coder holds it, or it is gone
 */
export async function openNote(noteId) {
  let refused = await claimed(noteId);
  let note = await get(path("v1", "notes", noteId));
  while (refused && note.status === "queued") {
    byId("save-words").textContent = "The model has yet to read this note…";
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    refused = await claimed(noteId);
    note = await get(path("v1", "notes", noteId));
  }
  return { ...note, refused };
}

/** Why the note could not be claimed; empty where it was. */
function claimed(noteId) {
  return post(path("v1", "notes", noteId, "claim")).then(() => "", (problem) => problem.message);
}
