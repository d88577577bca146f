"""English stems that a word of another language is spelt like: "retinosquisis", "retinoschisis"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein

_LEAST_LENGTH = 6
_LEAST_LIKENESS = 0.84
_N_KEPT = 2
# Spellings of one Greek or Latin sound in either language, in order.
_RESPELT = tuple(
    (re.compile(old), new)
    for old, new in (
        ("^es(?=[bcfglmnpqt])", "s"),
        ("^p(?=[ns])", ""),
        ("ph", "f"),
        ("th", "t"),
        ("rh", "r"),
        ("sch|sq|sc(?=[ei])", "sk"),
        ("ch|qu|c|q", "k"),
        ("[aeo]e", "e"),
        ("y", "i"),
        ("z", "s"),
        ("j", "g"),
        ("h", ""),
        (r"(.)\1", r"\1"),
        ("(?:ia|us|um|is|[aeiou])$", ""),
    )
)


class Cognates:
    """Answers which of the known English stems a stem is spelt like."""

    def __init__(self, english: Iterable[str]) -> None:
        self._by_beginning: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for stem in sorted(set(english)):
            if len(stem) >= _LEAST_LENGTH and stem.isalpha():
                key = spelling_key(stem)
                self._by_beginning[key[:3]].append((key, stem))

    def of(self, stem: str) -> list[tuple[str, float]]:
        """Return up to two English stems with their likeness in 0..1, the likest first."""
        if len(stem) < _LEAST_LENGTH or not stem.isalpha():
            return []
        key = spelling_key(stem)
        found = [
            (english, Levenshtein.normalized_similarity(key, other))
            for other, english in self._by_beginning.get(key[:3], ())
        ]
        likely = [(english, like) for english, like in found if like >= _LEAST_LIKENESS]
        return sorted(likely, key=lambda item: (-item[1], item[0]))[:_N_KEPT]


def spelling_key(word: str) -> str:
    """Respell a folded word so that cognates agree."""
    for old, new in _RESPELT:
        word = old.sub(new, word)
    return word
