/** What the server answered when it could not do as asked (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status 0: there was no answer */
  constructor(status, body) {
    super(body.detail || body.title || `The server answered ${status}.`);
    this.status = status;
    this.body = body;
  }
}

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/**
 * Call the API with the session's cookie and the CSRF header.
 * @returns {Promise<any>} the answer's JSON; null where it has none
 * @throws {Problem}
 */
export async function call(method, path, body, headers = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-CSRF-Token"] = token();
  if (body !== undefined) sent["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { title: "The server cannot be reached." });
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, answer ?? {});
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, body, headers) => call("POST", path, body, headers);

/** A path with its parts escaped: `path("v1", "notes", id)`. */
export function path(...parts) {
  return "/" + parts.map(encodeURIComponent).join("/");
}
