"""How changing one word of a term changes its code, counted over pairs of learnt terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from cac.learn.matching import Key
from cac.learn.terms import TermTable

_MIN_KEEPING = 0.25
_LONG = 4


@dataclass(frozen=True, slots=True)
class Tally:
    """Pairs of terms that share a code, and pairs that do not."""

    n_same: int = 0
    n_other: int = 0

    @property
    def n(self) -> int:
        """All pairs."""
        return self.n_same + self.n_other

    def keeping(self, prior: float = 0.3) -> float:
        """Return the smoothed share of pairs that share a code."""
        return (self.n_same + prior) / (self.n + 1)


_NONE = Tally()


class EditStatistics:
    """Tallies of exchanging one word for another, and of leaving one out.

    ``shortened`` maps a term less one word, where that is no term itself, to the terms that it
    may stand for, each with the word left out.
    """

    def __init__(self, table: TermTable) -> None:
        exchanged: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        dropped: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for rest, variants in _by_rest(table).items():
            for (one, key_one), (two, key_two) in combinations(variants, 2):
                other = not table.terms[key_one].codes.keys() & table.terms[key_two].codes.keys()
                exchanged[_pair(one, two)][other] += 1
            if rest in table.terms:
                for word, key in variants:
                    other = not table.terms[key].codes.keys() & table.terms[rest].codes.keys()
                    dropped[word][other] += 1
        self._exchanged = {pair: Tally(*counts) for pair, counts in exchanged.items()}
        self._dropped = {word: Tally(*counts) for word, counts in dropped.items()}
        self.shortened = self._shorten(table)

    def exchange(self, one: str, two: str) -> Tally:
        """Return the tally of exchanging two words."""
        return self._exchanged.get(_pair(one, two), _NONE)

    def drop(self, word: str) -> Tally:
        """Return the tally of leaving a word out."""
        return self._dropped.get(word, _NONE)

    def _shorten(self, table: TermTable) -> Mapping[Key, tuple[tuple[Key, str], ...]]:
        found: dict[Key, list[tuple[Key, str]]] = defaultdict(list)
        for key in table.terms:
            for word, rest in _less_one(key):
                keeps = self.drop(word).keeping(0.2) >= _MIN_KEEPING or len(key) >= _LONG
                if keeps and rest not in table.terms:
                    found[rest].append((key, word))
        return {rest: tuple(terms) for rest, terms in found.items()}


def _by_rest(table: TermTable) -> dict[Key, list[tuple[str, Key]]]:
    variants = defaultdict(list)
    for key in table.terms:
        for word, rest in _less_one(key):
            variants[rest].append((word, key))
    return variants


def _less_one(key: Key) -> Iterator[tuple[str, Key]]:
    if len(key) > 1:
        for position, word in enumerate(key):
            yield word, key[:position] + key[position + 1 :]


def _pair(one: str, two: str) -> tuple[str, str]:
    return (one, two) if one <= two else (two, one)
