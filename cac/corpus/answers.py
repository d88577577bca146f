"""The JSON lines that ``cac suggest`` writes, read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cac.coding import CodingResult, Evidence, Suggestion
from cac.corpus.coded_notes import code_from_record, read_json_lines, reason
from cac.errors import CacError, InputError
from cac.note import Assertion, Span


def read_answers(path: str | Path) -> Iterator[CodingResult]:
    """Yield the answers of a JSON-lines file; suggestions in order of rank.

    Of a suggestion only its code is needed: without ranks the order of the file counts, without
    a probability it has 1, and evidence that names no mention is one by itself.

    Raises:
        InputError: the file cannot be read, a line is damaged, or a note id stands twice.
    """
    seen: set[str] = set()
    for where, record in read_json_lines(path):
        try:
            result = _result(record)
        except (KeyError, TypeError, ValueError, AttributeError, CacError) as error:
            raise InputError(
                f"{where}: not an answer of `cac suggest`: {reason(error)}. Write it again."
            ) from error
        if result.note_id in seen:
            raise InputError(f"{where}: note id {result.note_id!r} stands twice. Keep one.")
        seen.add(result.note_id)
        yield result


def _result(record: Mapping[str, Any]) -> CodingResult:
    if not isinstance(record["note_id"], str):
        raise TypeError
    suggestions = [_suggestion(r, n) for n, r in enumerate(record["suggestions"], start=1)]
    return CodingResult(
        record["note_id"],
        tuple(sorted(suggestions, key=lambda s: s.rank)),
        record.get("model_version", ""),
        record.get("code_set_versions", {}),
        record.get("convention", ""),
        calibrated=bool(record.get("calibrated", False)),
    )


def _suggestion(record: Mapping[str, Any], position: int) -> Suggestion:
    probability = float(record.get("probability", 1.0))
    if not 0 <= probability <= 1:
        raise ValueError(f"the probability {probability} lies outside 0 to 1")
    return Suggestion(
        code_from_record(record),
        record.get("description", ""),
        probability,
        int(record.get("rank", position)),
        tuple(_evidence(r) for r in record.get("evidence", ())),
    )


def _evidence(record: Mapping[str, Any]) -> Evidence:
    return Evidence(
        Span(int(record["start"]), int(record["end"])),
        record.get("text", ""),
        record.get("section", ""),
        Assertion(record.get("assertion", "PRESENT")),
        float(record.get("weight", 1.0)),
        int(record["mention"]) if record.get("mention") is not None else None,
    )
