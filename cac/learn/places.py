"""The places of a note's candidates, and how each lies to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cac.coding import Code, CodeSystem
from cac.learn.candidates import Block, Candidate
from cac.learn.trees import Bools, Floats

PLACE_NAMES = (
    "over_exact",
    "over_score",
    "n_over",
    "under_exact",
    "under_score",
    "n_under",
    "crossing_exact",
    "here_exact",
    "here_score",
    "n_codes_here",
    "official_over",
    "official_here",
    "n_official_here",
)
SAME_NAMES = ("same_code_over", "same_code_under")
_PlaceKey = tuple[int, int, bool]


@dataclass(slots=True)
class _Place:
    """What the candidates of one extent and one kind of code have in common."""

    exact: float = 0.0
    score: float = 0.0
    official: float = 0.0
    n_official: int = 0
    codes: set[Code] = field(default_factory=set)

    def add(self, candidate: Candidate) -> None:
        """Count a candidate."""
        self.exact = max(self.exact, candidate.ratio_here)
        self.score = max(self.score, candidate.score)
        self.codes.add(candidate.code)
        if candidate.official:
            self.official = max(self.official, candidate.n_symbols)
            self.n_official += 1


def is_procedure(code: Code) -> bool:
    """Tell procedures from diagnoses; the two are annotated separately, one over the other."""
    return code.system is not CodeSystem.ICD10CM and code.system is not CodeSystem.ICD9CM


class Places:
    """Places that cover, lie in, or cross one another; diagnoses and procedures apart."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._by_key: dict[_PlaceKey, _Place] = {}
        for candidate in candidates:
            self._by_key.setdefault(_key(candidate), _Place()).add(candidate)
        self._numbers = {key: number for number, key in enumerate(self._by_key)}
        starts, ends, kinds = (np.array(part) for part in zip(*self._by_key, strict=True))
        near = starts[:, None] < ends
        near &= near.T & (kinds[:, None] == kinds)
        covered = near & (starts[:, None] >= starts) & (ends[:, None] <= ends)
        #: Whether a place (row) lies in another (column), holds it, or crosses it.
        self._over, self._under = covered & ~covered.T, covered.T & ~covered
        self._blocks = self._describe(near & ~covered & ~covered.T)
        self._of_code: dict[Code, list[int]] = {}
        for key, place in self._by_key.items():
            for code in place.codes:
                self._of_code.setdefault(code, []).append(self._numbers[key])

    def of(self, candidate: Candidate) -> Block:
        """Return the features of `PLACE_NAMES`, then of `SAME_NAMES`."""
        number, same = self._numbers[_key(candidate)], self._of_code[candidate.code]
        if len(same) == 1:
            return (*self._blocks[number], 0.0, 0.0)
        over, under = self._over[number, same].any(), self._under[number, same].any()
        return (*self._blocks[number], float(over), float(under))

    def _describe(self, crossing: Bools) -> list[Block]:
        """Return a block a place; shape of ``crossing`` (n_places, n_places)."""
        places = list(self._by_key.values())
        exact, score, official, n_codes, n_official = np.array(
            [(p.exact, p.score, p.official, len(p.codes), p.n_official) for p in places]
        ).T
        columns = (
            _most(exact, self._over),
            _most(score, self._over),
            self._over.sum(axis=1),
            _most(exact, self._under),
            _most(score, self._under),
            self._under.sum(axis=1),
            _most(exact, crossing),
            exact,
            score,
            n_codes,
            _most(official, self._over),
            official,
            n_official,
        )
        return [tuple(row) for row in np.column_stack(columns).tolist()]


def _key(candidate: Candidate) -> _PlaceKey:
    return candidate.start, candidate.end, is_procedure(candidate.code)


def _most(values: Floats, chosen: Bools) -> Floats:
    """Return the largest of the chosen values of each row, 0 where none is; shape (n_rows,)."""
    return np.asarray(np.where(chosen, values, 0.0).max(axis=1))
