/**
 * What an act makes of the state, before the server has answered: as `serve/review/fold.py` has it,
 * which is the judge; its answer takes the place of this one.
 */
const FINAL = new Set(["accepted", "added"]);
const DIAGNOSES = new Set(["ICD-10-CM", "ICD-9-CM"]);

export const sameCode = (a, b) => a.system === b.system && a.value === b.value;
export const codeKey = (code) => `${code.system} ${code.value}`;
export const isDiagnosis = (code) => DIAGNOSES.has(code.system);
export const isFinal = (code) => FINAL.has(code?.status);

/** The codes that would go on the claim, in sequence. */
export function final(state) {
  return state.codes.filter(isFinal).sort((a, b) => (a.sequence ?? Infinity) - (b.sequence ?? Infinity));
}

/**
 * @param {(code: Object) => boolean} isSuggested whether the model suggested a code
 * @returns a new state; the old one is kept for undo
 */
export function apply(state, act, isSuggested) {
  const next = structuredClone(state);
  next.order ??= orderOf(next);
  // Who was principal is so again when the code is accepted again.
  next.lead ??= codeKey(next.codes.find((c) => c.principal) ?? {});
  STEPS[act.kind]?.(next, act, isSuggested);
  number(next);
  return next;
}

/** The order that was given by hand: it shows where it is not the order of the codes themselves. */
function orderOf(state) {
  const inPlace = state.codes.filter((c) => isFinal(c) && !c.principal).map((c) => c.sequence);
  const asTheyCame = inPlace.every((place, n) => n === 0 || place > inPlace[n - 1]);
  return asTheyCame ? [] : final(state).map(codeKey);
}

function number(state) {
  const place = (code) => (state.order.includes(codeKey(code)) ? state.order.indexOf(codeKey(code)) : state.order.length);
  for (const code of state.codes) code.principal = isFinal(code) && codeKey(code) === state.lead;
  const sorted = state.codes.filter(isFinal).sort((a, b) => b.principal - a.principal || place(a) - place(b));
  for (const code of state.codes) code.sequence = sorted.indexOf(code) + 1 || null;
}

function find(state, code) {
  return state.codes.find((c) => sameCode(c, code));
}

function entry(state, code) {
  let found = find(state, code);
  if (!found) {
    found = { system: code.system, value: code.value, description: "", evidence: [], poa: null,
      principal: false, sequence: null, replacement: null, reason: null };
    state.codes.push(found);
  }
  return found;
}

/** Take back what a code was replaced by, before something else becomes of it. */
function leave(state, code, isSuggested) {
  const by = code.replacement && find(state, code.replacement);
  if (!by || !by.replaces || !sameCode(by.replaces, code)) return;
  if (isSuggested(by)) Object.assign(by, { status: "suggested", replaces: null });
  else state.codes.splice(state.codes.indexOf(by), 1);
}

function settle(state, { code, evidence }, isSuggested) {
  const own = entry(state, code);
  leave(state, own, isSuggested);
  const status = isSuggested(code) ? "accepted" : "added";
  Object.assign(own, { status, replacement: null, reason: null, evidence: evidence ?? own.evidence });
}

function reject(state, { code, reason }, isSuggested) {
  const own = entry(state, code);
  leave(state, own, isSuggested);
  Object.assign(own, { status: "rejected", replacement: null, reason });
}

function replace(state, { code, replacement, reason, evidence: given }, isSuggested) {
  const own = entry(state, code);
  leave(state, own, isSuggested);
  Object.assign(own, { status: "replaced", replacement, reason: reason ?? null });
  const by = entry(state, replacement);
  if (isFinal(by)) return;
  const evidence = given ?? (by.evidence.length ? by.evidence : own.evidence);
  Object.assign(by, { status: isSuggested(by) ? "accepted" : "added", replaces: { system: own.system, value: own.value }, reason: null, evidence });
}

function principal(state, { code }) {
  if (!isDiagnosis(code)) return;
  state.lead = codeKey(code);
}

const STEPS = {
  accept: settle,
  add: settle,
  reject,
  replace,
  principal,
  sequence: (state, act) => { state.order = act.order.map(codeKey); },
  poa: (state, act) => { entry(state, act.code).poa = act.poa; },
  comment: (state, act) => { state.comments.push({ code: act.code ?? null, comment: act.comment }); },
  complete: (state) => { state.status = "complete"; },
  reopen: (state) => { state.status = "open"; },
};
