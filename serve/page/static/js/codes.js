import { get, path } from "./api.js";

const kept = new Map();

/** All that the code set says of a code; asked once. */
export function lookUp(system, value) {
  const name = `${system} ${value}`;
  if (!kept.has(name)) {
    const answer = get(path("v1", "codes", system, value));
    answer.catch(() => kept.delete(name));
    kept.set(name, answer);
  }
  return kept.get(name);
}

/** Codes whose number begins so, or whose words match, best first. */
export async function find(system, words) {
  const answer = await get(`${path("v1", "codes", system)}?q=${encodeURIComponent(words)}&limit=30`);
  return answer.items;
}
