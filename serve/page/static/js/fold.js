/**
 * What an act makes of the state, before the server has answered: the server's own fold is the
 * judge, and its answer takes the place of this one.
 */
const SETTLED = new Set(["accepted", "replaced", "added"]);

export const sameCode = (a, b) => a.system === b.system && a.value === b.value;
export const codeKey = (code) => `${code.system} ${code.value}`;

/** The codes that would go on the claim, in sequence. */
export function settled(state) {
  return state.codes
    .filter((c) => SETTLED.has(c.status))
    .sort((a, b) => (a.sequence ?? Infinity) - (b.sequence ?? Infinity));
}

/** @returns a new state; the old one is kept for undo */
export function apply(state, act) {
  const next = structuredClone(state);
  const make = MADE_BY[act.kind];
  if (make) make(next, act);
  return next;
}

function entry(state, act) {
  let found = state.codes.find((c) => sameCode(c, act.code));
  if (!found) {
    found = { ...act.code, description: act.description ?? "", evidence: act.evidence ?? [],
      status: "suggested", principal: false, sequence: null, poa: null };
    state.codes.push(found);
  }
  return found;
}

function settle(state, act, status, more = {}) {
  const code = entry(state, act);
  const last = Math.max(0, ...settled(state).map((c) => c.sequence ?? 0));
  Object.assign(code, { reason: null, replacement: null }, more, { status });
  code.sequence ??= last + 1;
}

function reject(state, act) {
  const gone = { status: "rejected", reason: act.reason, replacement: null, principal: false, sequence: null };
  Object.assign(entry(state, act), gone);
}

function principal(state, act) {
  for (const code of state.codes) {
    if (code.system === act.code.system) code.principal = sameCode(code, act.code);
  }
  const rest = settled(state).filter((c) => !sameCode(c, act.code));
  [entry(state, act), ...rest].forEach((code, place) => { code.sequence = place + 1; });
}

function sequence(state, act) {
  act.order.forEach((code, place) => { entry(state, { code }).sequence = place + 1; });
}

const MADE_BY = {
  accept: (state, act) => settle(state, act, "accepted"),
  add: (state, act) => settle(state, act, "added", { evidence: act.evidence ?? [] }),
  replace: (state, act) => settle(state, act, "replaced", { replacement: act.replacement }),
  reject,
  principal,
  sequence,
  poa: (state, act) => { entry(state, act).poa = act.poa; },
  comment: (state, act) => { state.comments.push({ code: act.code ?? null, comment: act.comment }); },
  complete: (state) => { state.status = "complete"; },
  reopen: (state) => { state.status = "open"; },
};
