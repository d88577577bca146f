"""From candidates with a probability each to codes: features of a code in its note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cac.coding import Code
from cac.learn.candidates import Block, Candidate
from cac.learn.features import FEATURE_NAMES, KIND
from cac.learn.places import is_procedure
from cac.learn.trees import Bools, Floats

_LIKELY = 0.3
_CODE_NAMES = (
    "best_mention",
    "second_mention",
    "any_mention",
    "sum_of_mentions",
    "n_mentions",
    "n_likely_places",
    "best_sibling",
    "n_siblings",
    "best_rival_here",
    "best_rival_over",
    "best_rival_under",
)
CODE_KIND = f"best_{KIND}"
CODE_FEATURE_NAMES = (*_CODE_NAMES, *(f"best_{name}" for name in FEATURE_NAMES))


@dataclass(frozen=True, slots=True)
class Rated:
    """A candidate with its features and the probability that it is evidence of its code."""

    candidate: Candidate
    row: Block
    probability: float


@dataclass(frozen=True, slots=True)
class CodeCandidate:
    """A code in a note: its candidates, the likeliest first, and its features."""

    code: Code
    rated: tuple[Rated, ...]
    row: Block


def by_code(
    candidates: Sequence[Candidate], rows: Sequence[Block], probabilities: Floats
) -> list[CodeCandidate]:
    """Group the candidates of a note by code."""
    every = [
        Rated(candidate, row, probability)
        for candidate, row, probability in zip(
            candidates, rows, probabilities.tolist(), strict=True
        )
    ]
    groups: dict[Code, list[Rated]] = defaultdict(list)
    for rated in every:
        groups[rated.candidate.code].append(rated)
    for found in groups.values():
        found.sort(key=lambda r: -r.probability)
    siblings, rivals = _siblings(groups), _Rivals(every)
    return [
        CodeCandidate(
            code,
            tuple(found),
            (*_own(found), *_among(code, siblings), *rivals.of(found[0].candidate), *found[0].row),
        )
        for code, found in groups.items()
    ]


def _own(found: Sequence[Rated]) -> Block:
    chances = np.array([rated.probability for rated in found])
    likely = {(r.candidate.start, r.candidate.end) for r in found if r.probability > _LIKELY}
    return (
        float(chances[0]),
        float(chances[1]) if len(chances) > 1 else 0.0,
        1.0 - float(np.prod(1.0 - chances)),
        float(chances.sum()),
        len(chances),
        len(likely),
    )


def _siblings(groups: dict[Code, list[Rated]]) -> dict[str, list[tuple[float, Code]]]:
    categories = defaultdict(list)
    for code, found in groups.items():
        categories[code.value[:3]].append((found[0].probability, code))
    return categories


def _among(code: Code, siblings: dict[str, list[tuple[float, Code]]]) -> Block:
    others = [chance for chance, other in siblings[code.value[:3]] if other != code]
    return max(others, default=0.0), len(others)


class _Rivals:
    """The places and probabilities of all candidates of a note, as arrays; shape (n,) each."""

    def __init__(self, every: Sequence[Rated]) -> None:
        candidates = [rated.candidate for rated in every]
        numbers = {code: n for n, code in enumerate({c.code: None for c in candidates})}
        self._numbers = numbers
        self._starts = np.array([c.start for c in candidates])
        self._ends = np.array([c.end for c in candidates])
        self._codes = np.array([numbers[c.code] for c in candidates])
        self._kinds = np.array([is_procedure(c.code) for c in candidates])
        self._chances = np.array([rated.probability for rated in every])

    def of(self, place: Candidate) -> Block:
        """Return the best probability of another code at the place, over it and under it."""
        other = (self._codes != self._numbers[place.code]) & (
            self._kinds == is_procedure(place.code)
        )
        over = other & (self._starts <= place.start) & (place.end <= self._ends)
        under = other & (place.start <= self._starts) & (self._ends <= place.end)
        return (
            self._best(over & under),
            self._best(over & ~under),
            self._best(under & ~over),
        )

    def _best(self, chosen: Bools) -> float:
        return float(self._chances.max(where=chosen, initial=0.0))
