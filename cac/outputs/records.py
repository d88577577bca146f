"""A result as plain values: the form of the JSON lines, and of everything made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cac.coding import CodingResult, Suggestion

_N_DIGITS = 6


def result_record(
    result: CodingResult,
    *,
    options: Mapping[str, object] | None = None,
    include_rejected: bool = False,
) -> dict[str, Any]:
    """Return the object of one JSON line.

    Args:
        result: The answer for one note.
        options: What was asked; kept so that a resumed run can be held to it.
        include_rejected: List the codes that were found but not suggested as well.
    """
    record: dict[str, Any] = {
        "note_id": result.note_id,
        "suggestions": [_suggestion(s) for s in result.suggestions],
        "model_version": result.model_version,
        "code_set_versions": dict(result.code_set_versions),
        "convention": result.convention,
        "calibrated": result.calibrated,
    }
    if include_rejected:
        record["rejected"] = [
            _suggestion(s) | {"rejected_because": s.rejected_because} for s in result.rejected
        ]
    if options is not None:
        record["options"] = dict(options)
    return record


def evidence_records(suggestion: Suggestion, *, with_text: bool) -> list[dict[str, Any]]:
    """Return the pieces of evidence in their order; pieces of one mention have one number.

    Args:
        suggestion: Whose evidence.
        with_text: Give the words of the note beside their offsets.
    """
    return [
        {
            "start": e.span.start,
            "end": e.span.end,
            **({"text": e.text} if with_text else {}),
            "section": e.section,
            "assertion": e.assertion.value,
            "weight": round(e.weight, _N_DIGITS),
            "mention": number,
        }
        for number, e in zip(suggestion.mention_numbers, suggestion.evidence, strict=True)
    ]


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "system": suggestion.code.system.value,
        "code": suggestion.code.value,
        "description": suggestion.description,
        "probability": round(suggestion.probability, _N_DIGITS),
        "band": suggestion.band.value if suggestion.band else None,
        "rank": suggestion.rank,
        "evidence": evidence_records(suggestion, with_text=True),
        "concerns": [{"kind": c.kind, "message": c.message} for c in suggestion.concerns],
    }
