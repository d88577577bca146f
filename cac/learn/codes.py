"""From candidates with a probability each to codes: features of a code in its note."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cac.coding import Code
from cac.learn.candidates import Block, Candidate
from cac.learn.features import KIND
from cac.learn.places import is_procedure
from cac.learn.trees import Floats, Ints

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


def code_feature_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a code's features, where those of its mentions have these names."""
    return (*_CODE_NAMES, *(f"best_{name}" for name in names))


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
    siblings, rivals = _siblings(groups), _rivals([f[0] for f in groups.values()], every)
    return [
        CodeCandidate(
            code,
            tuple(found),
            (*_own(found), *_among(code, siblings), *of_rivals, *found[0].row),
        )
        for (code, found), of_rivals in zip(groups.items(), rivals, strict=True)
    ]


def _own(found: Sequence[Rated]) -> Block:
    chances = [rated.probability for rated in found]
    likely = {(r.candidate.start, r.candidate.end) for r in found if r.probability > _LIKELY}
    return (
        chances[0],
        chances[1] if len(chances) > 1 else 0.0,
        1.0 - math.prod(1.0 - chance for chance in chances),
        sum(chances),
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


def _rivals(best: Sequence[Rated], every: Sequence[Rated]) -> list[Block]:
    """Return the best probability of another code at, over and under each best mention."""
    if not best:
        return []
    numbers: dict[Code, int] = {}
    start, end, code, kind = _arrays(every, numbers)
    start_, end_, code_, kind_ = (part[:, None] for part in _arrays(best, numbers))
    chances = np.array([rated.probability for rated in every])
    other = (code != code_) & (kind == kind_)  # (n_best, n_every)
    over = other & (start <= start_) & (end_ <= end)
    under = other & (start_ <= start) & (end <= end_)
    columns = (
        np.where(chosen, chances, 0.0).max(axis=1)
        for chosen in (over & under, over & ~under, under & ~over)
    )
    return [tuple(row) for row in np.column_stack(list(columns)).tolist()]


def _arrays(rated: Sequence[Rated], numbers: dict[Code, int]) -> tuple[Ints, Ints, Ints, Ints]:
    """Return start, end, a number a code, and kind of each candidate; shape (n,) each."""
    found = [r.candidate for r in rated]
    columns = [
        (c.start, c.end, numbers.setdefault(c.code, len(numbers)), is_procedure(c.code))
        for c in found
    ]
    start, end, code, kind = np.array(columns, dtype=np.int64).T
    return start, end, code, kind
