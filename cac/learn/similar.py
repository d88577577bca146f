"""Stems of known terms that another stem may stand for: misspelt, derived, or translated alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from cac.learn.translation import Dictionary

_MIN_LIKENESS = 0.55
_PIVOT_SCALE = 4
_MIN_PIVOT = 0.03


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two stems are, each in 0..1: by translation, by beginning, by spelling."""

    pivot: float = 0.0
    prefix: float = 0.0
    spelling: float = 0.0

    @property
    def best(self) -> float:
        """The strongest of the three on one scale."""
        return max(_PIVOT_SCALE * self.pivot, self.prefix, self.spelling)


class SimilarStems:
    """Answers which stems of a vocabulary are like a given one; answers are kept."""

    def __init__(self, vocabulary: Iterable[str], dictionary: Dictionary) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._dictionary = dictionary
        self._by_beginning: dict[str, list[str]] = defaultdict(list)
        for stem in sorted(self._vocabulary):
            if len(stem) >= 4 and not stem.isdigit():
                self._by_beginning[stem[:3]].append(stem)
        self._answers: dict[str, Mapping[str, Likeness]] = {}

    def of(self, stem: str) -> Mapping[str, Likeness]:
        """Return the stems of the vocabulary that are like ``stem``, itself left out."""
        if stem not in self._answers:
            self._answers[stem] = self._find(stem)
        return self._answers[stem]

    def _find(self, stem: str) -> dict[str, Likeness]:
        pivots = {
            other: min(chance, 1.0)
            for other, chance in self._dictionary.pivots(stem).items()
            if chance > _MIN_PIVOT and other in self._vocabulary
        }
        written = self._written_alike(stem)
        found = {
            other: Likeness(pivots.get(other, 0.0), *written.get(other, (0.0, 0.0)))
            for other in sorted({*pivots, *written} - {stem})
        }
        return {other: like for other, like in found.items() if like.best >= _MIN_LIKENESS}

    def _written_alike(self, stem: str) -> dict[str, tuple[float, float]]:
        if len(stem) < 4 or stem.isdigit():
            return {}
        found = {}
        for other in self._by_beginning.get(stem[:3], ()):
            n_shared = _shared_beginning(stem, other)
            prefix = n_shared / max(len(stem), len(other))
            spelling = Levenshtein.normalized_similarity(stem, other)
            if (n_shared >= 4 and prefix >= 0.55) or (len(stem) >= 6 and spelling >= 0.8):
                found[other] = (prefix, spelling)
        return found


def _shared_beginning(one: str, other: str) -> int:
    for position, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return position
    return min(len(one), len(other))
