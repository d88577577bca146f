"""A result in the shape of InferICD10CM's answer.

Its entities are places in the text with the codes that each may stand for; ours are codes with the
places that support them. Mentions on one place are one entity, its codes ranked by probability.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cac.coding import CodeSystem, CodingResult, Evidence, Suggestion
from cac.note import Assertion, Span

MAX_CONCEPTS = 5
_MAX_TEXT = 10_000
_TRAITS = {
    Assertion.NEGATED: "NEGATION",
    Assertion.OTHER_SUBJECT: "PERTAINS_TO_FAMILY",
    Assertion.HYPOTHETICAL: "HYPOTHETICAL",
    Assertion.POSSIBLE: "LOW_CONFIDENCE",  # the writer's doubt, as Amazon's documentation has it
}
_Mention = tuple[Suggestion, Sequence[Evidence]]


def infer_icd10cm(text: str, result: CodingResult) -> dict[str, Any]:
    """Return entities in the order of the text, with offsets in code points as Amazon counts.

    Codes that were found but not suggested are there too, with the trait that speaks against them.
    """
    places: dict[tuple[int, int], list[_Mention]] = {}
    for suggestion in (*result.suggestions, *result.rejected):
        if suggestion.code.system is CodeSystem.ICD10CM:
            for mention in suggestion.mentions:
                place = (mention[0].span.start, max(e.span.end for e in mention))
                places.setdefault(place, []).append((suggestion, mention))
    entities = [
        _entity(number, text, Span(*place), places[place])
        for number, place in enumerate(sorted(places))
    ]
    return {"Entities": entities, "ModelVersion": result.model_version}


def _entity(number: int, text: str, span: Span, mentions: list[_Mention]) -> dict[str, Any]:
    ranked = sorted(mentions, key=lambda m: (-_score(m), m[0].code))
    return {
        "Id": number,
        "Text": text[span.start : span.end][:_MAX_TEXT],
        "Category": "MEDICAL_CONDITION",
        "Type": "DX_NAME",
        "Score": round(max(e.weight for _, pieces in mentions for e in pieces), 4),
        "BeginOffset": span.start,
        "EndOffset": span.end,
        "Attributes": [],
        "Traits": [{"Name": name, "Score": 1.0} for name in dict.fromkeys(_traits(ranked))],
        "ICD10CMConcepts": _concepts(ranked),
    }


def _concepts(ranked: list[_Mention]) -> list[dict[str, Any]]:
    best: dict[str, dict[str, Any]] = {}
    for mention in ranked:
        code, title = mention[0].code.value, mention[0].description
        score = round(_score(mention), 4)
        best.setdefault(code, {"Description": title, "Code": code, "Score": score})
    return list(best.values())[:MAX_CONCEPTS]


def _score(mention: _Mention) -> float:
    """Return the probability; of what a trait speaks against, how well words and code match.

    Amazon's score of a concept tells whether the words mean the code, be it denied or not.
    """
    suggestion, pieces = mention
    if suggestion.rejected_because and any(e.assertion in _TRAITS for e in pieces):
        return max(e.weight for e in pieces)
    return suggestion.probability


def _traits(ranked: list[_Mention]) -> Iterator[str]:
    for _, pieces in ranked:
        yield from (_TRAITS[e.assertion] for e in pieces if e.assertion in _TRAITS)
    yield from _kind(ranked[0][0].code.value)


def _kind(code: str) -> Iterator[str]:
    """Tell diagnoses from symptoms and signs by chapter.

    Chapter 18 holds symptoms and signs up to R69, abnormal findings from R70 on; what chapters 20
    and 21 hold (causes, and contacts with services) is neither.
    """
    if code[0] == "R":
        yield "SIGN" if code[1:3] >= "70" else "SYMPTOM"
    elif code[0] not in "VWXYZ":
        yield "DIAGNOSIS"
