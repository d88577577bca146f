"""A result as plain values: the form of the JSON lines, and of everything made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cac.coding import CodingResult, Evidence, Suggestion

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


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "system": suggestion.code.system.value,
        "code": suggestion.code.value,
        "description": suggestion.description,
        "probability": round(suggestion.probability, _N_DIGITS),
        "band": suggestion.band.value if suggestion.band else None,
        "rank": suggestion.rank,
        "evidence": [_evidence(e) for e in suggestion.evidence],
        "concerns": [{"kind": c.kind, "message": c.message} for c in suggestion.concerns],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "start": evidence.span.start,
        "end": evidence.span.end,
        "text": evidence.text,
        "section": evidence.section,
        "assertion": evidence.assertion.value,
        "weight": round(evidence.weight, _N_DIGITS),
    }
