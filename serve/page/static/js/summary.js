import { ask } from "./dialogs.js";
import { byId, h } from "./dom.js";
import { concernList } from "./card.js";
import { final, isDiagnosis } from "./fold.js";

/** What stands before a note is completed; @returns whether to complete it. */
export async function summarise({ state: { view, outbox }, cards, titles, inpatient, lead }) {
  const codes = final(view);
  const counts = Object.groupBy(view.codes, (c) => c.status);
  const undecided = [...cards.cards.values()].filter((c) => !c.element.closest("#found")
    && c.element.dataset.status === "suggested" && !c.item.hidden);
  counts.added = counts.added?.filter((code) => !code.replaces);
  const lines = ["accepted", "replaced", "added", "rejected"].map((status) => `${counts[status]?.length ?? 0} ${status}`);
  byId("summary-body").replaceChildren(
    h("p", {}, `${lines.join(", ")}, ${undecided.length} undecided. ${minutes(view.active_ms)} at work.`),
    ...gaps(codes, undecided, { inpatient, lead }).map((gap) => h("p", { class: "gap" }, `! ${gap}`)),
    outbox.size ? h("p", { class: "gap" }, "! Not all is saved yet: what follows is of what is.") : "",
    ...against(view.concerns),
    ...remaining(codes, cards, view.concerns),
    codes.length ? h("h3", {}, "Codes in sequence") : "",
    h("ol", { class: "summary-codes" }, codes.map((code) => codeLine(code, titles.of(code), { inpatient, lead }))),
  );
  return (await ask("summary")) === "complete";
}

const minutes = (ms) => (ms < 60_000 ? "Less than a minute" : `${Math.round(ms / 60_000)} min`);

function codeLine(code, title, { inpatient, lead }) {
  return h("li", {}, h("code", { class: "code" }, code.value), " ", title,
    code.principal ? h("span", { class: "flag principal" }, lead) : null,
    inpatient && code.poa ? h("span", { class: "flag" }, `POA ${code.poa}`) : null);
}

/** What is still open, in words. */
function gaps(codes, undecided, { inpatient, lead }) {
  const found = [];
  if (undecided.length) found.push(`Without a decision: ${undecided.map((c) => c.code.value).join(", ")}.`);
  if (!codes.length) found.push("No code is kept.");
  else if (codes.some(isDiagnosis) && !codes.some((c) => c.principal)) found.push(`No code is marked as ${lead}.`);
  const without = codes.filter((c) => isDiagnosis(c) && !c.poa);
  if (inpatient && without.length) {
    found.push(`Without a POA indicator: ${without.map((c) => c.value).join(", ")}.`);
  }
  return found;
}

/** What stands against the codes as a set and in their order. */
function against(concerns) {
  return concerns.length ? [h("h3", {}, "Concerns about the codes together"), concernList(concerns)] : [];
}

/** Concerns of the codes that are kept as they were suggested, but those that stand above. */
function remaining(codes, cards, said) {
  const told = new Set(said.map(({ message }) => message));
  const open = codes
    .filter((code) => code.status === "accepted")
    .map((code) => ({ code, concerns: (cards.card(code)?.suggestion.concerns ?? []).filter((c) => !told.has(c.message)) }))
    .filter(({ concerns }) => concerns.length);
  if (!open.length) return [];
  return [h("h3", {}, "Concerns about single codes"),
    ...open.map(({ code, concerns }) => h("div", {}, h("code", { class: "code" }, code.value), concernList(concerns)))];
}
