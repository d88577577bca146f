"""Gold notes and answers brought together: the same notes in order, and matrices over the codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from cac.coding import Code, CodedNote, CodeSystem, CodingResult, Suggestion
from cac.errors import InputError

_N_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pairing:
    """Gold and suggested codes of the same notes.

    ``y_true``, ``probabilities`` and ``rank_scores`` have shape (n_notes, n_codes); of the last
    two, only suggested codes are stored, and ``rank_scores`` are 1 / rank.
    """

    gold: tuple[CodedNote, ...]
    suggestions: tuple[tuple[Suggestion, ...], ...]
    codes: tuple[Code, ...]
    y_true: sparse.csr_matrix
    probabilities: sparse.csr_matrix
    rank_scores: sparse.csr_matrix

    def predicted(self, threshold: float) -> sparse.csr_matrix:
        """Return 1 where a code is suggested with at least that probability."""
        kept = self.probabilities.tocoo()
        chosen = kept.data >= threshold
        entries = (np.ones(int(chosen.sum())), (kept.row[chosen], kept.col[chosen]))
        return sparse.csr_matrix(entries, shape=self.y_true.shape)


def pair(
    gold: Sequence[CodedNote],
    answers: Iterable[CodingResult],
    *,
    systems: Sequence[CodeSystem] = (),
    label_space: Iterable[Code] = (),
    allow_missing: bool = False,
) -> Pairing:
    """Pair answers with gold notes by id.

    Args:
        gold: notes with gold codes.
        answers: one for each note.
        systems: code systems to score; none means all.
        label_space: further codes that the matrices have a column for.
        allow_missing: score a note without an answer as one without suggestions.

    Raises:
        InputError: an answer belongs to no gold note, or a gold note has none; ids are named.
    """
    by_id = {result.note_id: result for result in answers}
    _require_same_ids([c.note.note_id for c in gold], list(by_id), allow_missing)
    wanted = set(systems or CodeSystem)
    suggestions = tuple(
        _scored(by_id[c.note.note_id], wanted) if c.note.note_id in by_id else () for c in gold
    )
    kept = tuple(_restricted(coded, wanted) for coded in gold)
    codes = {code for coded in kept for code in coded.codes}
    codes |= {s.code for found in suggestions for s in found}
    codes |= {code for code in label_space if code.system in wanted}
    ordered = tuple(sorted(codes))
    return Pairing(
        kept,
        suggestions,
        ordered,
        _matrix([[(c, 1.0) for c in dict.fromkeys(coded.codes)] for coded in kept], ordered),
        _matrix([[(s.code, s.probability) for s in found] for found in suggestions], ordered),
        _matrix(
            [[(s.code, 1 / n) for n, s in enumerate(found, 1)] for found in suggestions], ordered
        ),
    )


def code_matrix(notes: Sequence[CodedNote], codes: Sequence[Code]) -> sparse.csr_matrix:
    """Return the notes' codes as 0 or 1, other codes left out; shape (n_notes, n_codes)."""
    known = set(codes)
    rows = [[(c, 1.0) for c in dict.fromkeys(n.codes) if c in known] for n in notes]
    return _matrix(rows, codes)


def _require_same_ids(gold: Sequence[str], answered: Sequence[str], allow_missing: bool) -> None:
    twice = sorted(note_id for note_id, n in Counter(gold).items() if n > 1)
    unknown = sorted(set(answered) - set(gold))
    missing = [] if allow_missing else sorted(set(gold) - set(answered))
    for ids, fault in (
        (twice, "gold notes stand twice"),
        (unknown, "answers belong to no gold note"),
        (missing, "gold notes have no answer"),
    ):
        if ids:
            more = ", ..." if len(ids) > _N_SHOWN else ""
            raise InputError(
                f"{len(ids)} {fault}: {', '.join(ids[:_N_SHOWN])}{more}. "
                "Both files must hold the same notes, each once."
            )


def _scored(result: CodingResult, systems: set[CodeSystem]) -> tuple[Suggestion, ...]:
    """Return the suggestions of the systems in order of rank, each code where it stands first."""
    first: dict[Code, Suggestion] = {}
    for suggestion in sorted(result.suggestions, key=lambda s: s.rank):
        if suggestion.code.system in systems:
            first.setdefault(suggestion.code, suggestion)
    return tuple(first.values())


def _restricted(coded: CodedNote, systems: set[CodeSystem]) -> CodedNote:
    return CodedNote(
        coded.note,
        tuple(c for c in coded.codes if c.system in systems),
        tuple(e for e in coded.evidence if e.code.system in systems),
    )


def _matrix(
    rows: Sequence[Sequence[tuple[Code, float]]], codes: Sequence[Code]
) -> sparse.csr_matrix:
    column = {code: number for number, code in enumerate(codes)}
    values = [value for row in rows for _, value in row]
    columns = [column[code] for row in rows for code, _ in row]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return sparse.csr_matrix((values, columns, starts), shape=(len(rows), len(codes)))
