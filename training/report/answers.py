"""A bundle's answers to notes, kept by ids and offsets: the form needs no note's text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from scipy import sparse

from cac.coding import Band, Code, CodeSystem, CodingResult, Suggestion
from cac.corpus.answers import read_answers
from cac.corpus.coded_notes import code_from_record, read_json_lines, write_json_lines
from cac.metrics import Pairing
from cac.note import Note
from cac.outputs.records import evidence_records
from training.command import Report

Probabilities = Callable[[Note], Mapping[Code, float]]
"""Gives the probability of every code that a suggester ranks, without evidence."""
_REPORT_EVERY = 50


class CodeSuggester(Protocol):
    """What `cac.suggester.Suggester.load` gives."""

    def suggest(
        self, note: Note, *, top_k: int | None = ..., min_probability: float | None = ...
    ) -> CodingResult:
        """Return ranked suggestions."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Ranked lists of codes by note, which are suggested, and those in the band ``accept``."""

    results: tuple[CodingResult, ...]
    suggested: Mapping[str, frozenset[Code]]
    accepted: Mapping[str, frozenset[Code]] = field(default_factory=dict)

    def matrix(self, pairing: Pairing) -> sparse.csr_matrix:
        """Return 1 where a code is suggested; shape (n_notes, n_codes) of the pairing."""
        column = {code: number for number, code in enumerate(pairing.codes)}
        rows, columns = [], []
        for row, coded in enumerate(pairing.gold):
            chosen = self.suggested[coded.note.note_id] & column.keys()
            rows += [row] * len(chosen)
            columns += [column[code] for code in chosen]
        return sparse.csr_matrix(([1.0] * len(rows), (rows, columns)), shape=pairing.y_true.shape)


def ask(
    suggester: CodeSuggester, notes: Sequence[Note], *, min_probability: float, report: Report
) -> Iterator[tuple[CodingResult, frozenset[Code]]]:
    """Yield each note's ranked list and the codes that the suggester would suggest of it.

    A suggester that gives ``probabilities`` shows the evidence of what it suggests alone, since
    evidence of every label costs more than all else. One that has ``thresholds`` by code system
    is asked once a note; the others twice, with their own cut and without.
    """
    chances: Probabilities | None = getattr(suggester, "probabilities", None)
    thresholds: Mapping[CodeSystem, float] | None = getattr(suggester, "thresholds", None)
    for number, note in enumerate(notes, start=1):
        if chances is not None:
            shown = suggester.suggest(note)
            yield _with_rest(shown, chances(note), min_probability), _codes(shown)
        else:
            ranked = suggester.suggest(note, min_probability=min_probability)
            shown = ranked if thresholds is not None else suggester.suggest(note)
            yield ranked, _codes(shown, thresholds)
        if number % _REPORT_EVERY == 0:
            report(f"{number} of {len(notes)} notes answered")


def _with_rest(
    shown: CodingResult, chances: Mapping[Code, float], min_probability: float
) -> CodingResult:
    """Return a result with the codes that are likely enough to be ranked, without evidence."""
    known = {s.code for s in shown.suggestions}
    rest = [
        Suggestion(code, "", chance, 0, ())
        for code, chance in chances.items()
        if code not in known and chance >= min_probability
    ]
    ranked = sorted([*shown.suggestions, *rest], key=lambda s: (-s.probability, s.code))
    return replace(
        shown, suggestions=tuple(replace(s, rank=n) for n, s in enumerate(ranked, start=1))
    )


def _codes(
    shown: CodingResult, thresholds: Mapping[CodeSystem, float] | None = None
) -> frozenset[Code]:
    return frozenset(s.code for s in shown.suggestions if _reaches(s, thresholds))


def write_answers(path: Path, answers: Iterable[tuple[CodingResult, frozenset[Code]]]) -> None:
    """Write answers as JSON lines that `cac evaluate` reads, without the words of the notes."""
    write_json_lines(path, (_record(result, suggested) for result, suggested in answers))


def read_back(path: Path) -> Answers:
    """Read what `write_answers` wrote."""
    suggested, accepted = {}, {}
    for _, record in read_json_lines(path):
        listed, note_id = record["suggestions"], str(record["note_id"])
        suggested[note_id] = frozenset(code_from_record(s) for s in listed if s["suggested"])
        accepted[note_id] = frozenset(
            code_from_record(s) for s in listed if s["band"] == Band.ACCEPT.value
        )
    return Answers(tuple(read_answers(path)), suggested, accepted)


def _reaches(suggestion: Suggestion, thresholds: Mapping[CodeSystem, float] | None) -> bool:
    if thresholds is None:
        return True
    return suggestion.probability >= thresholds.get(suggestion.code.system, 1.0)


def _record(result: CodingResult, suggested: frozenset[Code]) -> dict[str, Any]:
    return {
        "note_id": result.note_id,
        "suggestions": [_suggestion(s, suggested) for s in result.suggestions],
        "model_version": result.model_version,
        "code_set_versions": dict(result.code_set_versions),
        "convention": result.convention,
        "calibrated": result.calibrated,
    }


def _suggestion(suggestion: Suggestion, suggested: frozenset[Code]) -> dict[str, Any]:
    return {
        "system": suggestion.code.system.value,
        "code": suggestion.code.value,
        "probability": suggestion.probability,
        "rank": suggestion.rank,
        "suggested": suggestion.code in suggested,
        "band": suggestion.band.value if suggestion.band else None,
        "evidence": evidence_records(suggestion, with_text=False),
    }
