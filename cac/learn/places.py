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
        self._all = list(self._by_key.values())
        keys = list(self._by_key)
        self._starts = np.array([start for start, _, _ in keys])
        self._ends = np.array([end for _, end, _ in keys])
        self._kinds = np.array([kind for _, _, kind in keys])
        self._exact = np.array([place.exact for place in self._all])
        self._score = np.array([place.score for place in self._all])
        self._official = np.array([place.official for place in self._all])
        self._known: dict[_PlaceKey, tuple[Block, frozenset[Code], frozenset[Code]]] = {}

    def of(self, candidate: Candidate) -> Block:
        """Return the features of `PLACE_NAMES`, then of `SAME_NAMES`."""
        key = _key(candidate)
        if key not in self._known:
            self._known[key] = self._describe(key)
        block, over, under = self._known[key]
        return (*block, candidate.code in over, candidate.code in under)

    def _describe(self, key: _PlaceKey) -> tuple[Block, frozenset[Code], frozenset[Code]]:
        start, end, kind = key
        near = (self._starts < end) & (start < self._ends) & (self._kinds == kind)
        covers = near & (self._starts <= start) & (end <= self._ends)
        lies_in = near & (start <= self._starts) & (self._ends <= end)
        over, under, here = covers & ~lies_in, lies_in & ~covers, self._by_key[key]
        block = (
            _most(self._exact, over),
            _most(self._score, over),
            int(over.sum()),
            _most(self._exact, under),
            _most(self._score, under),
            int(under.sum()),
            _most(self._exact, near & ~covers & ~lies_in),
            here.exact,
            here.score,
            len(here.codes),
            _most(self._official, over),
            here.official,
            here.n_official,
        )
        return block, self._codes(over), self._codes(under)

    def _codes(self, chosen: Bools) -> frozenset[Code]:
        return frozenset().union(*(self._all[i].codes for i in np.flatnonzero(chosen).tolist()))


def _key(candidate: Candidate) -> _PlaceKey:
    return candidate.start, candidate.end, is_procedure(candidate.code)


def _most(values: Floats, chosen: Bools) -> float:
    return float(values.max(where=chosen, initial=0.0))
