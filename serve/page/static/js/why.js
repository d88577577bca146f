import { get, path } from "./api.js";
import { h, key, readable } from "./dom.js";

/** The reasons for a card's code: asked of the model in use when they are opened. */
export function whyDetails({ code, suggestion, context }) {
  const list = h("ul", {});
  const details = h("details", { class: "why" }, h("summary", {}, "Why this code ", key("W")), list);
  details.addEventListener("toggle", async () => {
    if (!details.open || list.childElementCount) return;
    const place = path("v1", "notes", context.note.id, "why", code.system, code.value);
    const lines = await get(place).then(
      (answer) => reasons(answer, context),
      (problem) => [problem.message, ...weights(suggestion, context)]);
    list.replaceChildren(...lines.map((line) => h("li", {}, line)));
  });
  return details;
}

function reasons({ reasons: found, model_version: model }, { note, pane, evidence }) {
  const lines = found.map(({ kind, message, spans }) => [
    h("b", {}, readable(kind)), ` ${message} `,
    spans.map((span) => [h("q", {}, pane.words(evidence.units(span))), " "]),
  ]);
  const { model_version: then } = note.versions;
  return then && then !== model ? [[`By ${model}; the suggestion is by ${then}.`], ...lines] : lines;
}

/** Where the model gives none: how much each piece of evidence weighed. */
function weights(suggestion, { pane, evidence }) {
  return suggestion.evidence.map((e) => [
    `${Math.round(e.weight * 100)} % from `, h("q", {}, pane.words(evidence.units(e))),
    ` in ${readable(e.section || "note")}, ${readable(e.assertion)}`,
  ]);
}
