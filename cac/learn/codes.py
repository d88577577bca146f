"""From candidates with a probability each to codes: features of a code in its note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cac.coding import Code
from cac.learn.candidates import Block, Candidate
from cac.learn.features import FEATURE_NAMES, is_procedure
from cac.learn.trees import Floats

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
    siblings = _siblings(groups)
    return [
        CodeCandidate(
            code,
            tuple(found),
            (*_own(found), *_among(code, siblings), *_rivals(found[0], every), *found[0].row),
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


def _rivals(best: Rated, every: Sequence[Rated]) -> Block:
    """Return the best probability of another code here, over and under the best mention."""
    here = over = under = 0.0
    place = best.candidate
    kind = is_procedure(place.code)
    for rated in every:
        other = rated.candidate
        if (
            other.end <= place.start
            or place.end <= other.start
            or other.code == place.code
            or is_procedure(other.code) != kind
        ):
            continue
        if other.start == place.start and other.end == place.end:
            here = max(here, rated.probability)
        elif other.start <= place.start and place.end <= other.end:
            over = max(over, rated.probability)
        elif place.start <= other.start and other.end <= place.end:
            under = max(under, rated.probability)
    return here, over, under
