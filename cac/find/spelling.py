"""Correct misspelt long words to words of the lexicon, within a bounded edit distance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from rapidfuzz import process
from rapidfuzz.distance import OSA

from cac.find.wordlists import common_words

_SHORTEST = 7
_LONG = 10
_PREFIXES = ("hyper", "hypo", "pre", "post", "anti", "non", "peri", "sub", "inter", "intra", "over")


class Speller:
    """Corrects words of seven letters or more: one edit, two from ten letters on."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        self._known = frozenset(vocabulary) | common_words()
        self._alike: dict[tuple[str, int], list[str]] = defaultdict(list)  # by letter and length
        for word in sorted(vocabulary):
            if len(word) >= _SHORTEST - 1 and word.isalpha():
                self._alike[word[0], len(word)].append(word)
        self._cache: dict[str, str] = {}

    def correct(self, word: str) -> str:
        """Return the word of the lexicon that ``word`` misspells, or an empty string."""
        if len(word) < _SHORTEST or not word.isalpha() or self._is_known(word):
            return ""
        if word not in self._cache:
            if len(self._cache) > 100_000:
                self._cache.clear()
            self._cache[word] = self._nearest(word)
        return self._cache[word]

    def _is_known(self, word: str) -> bool:
        """Tell whether a word is one, or a known one with a prefix ("hyperextension")."""
        if word in self._known:
            return True
        return any(word.startswith(p) and word[len(p) :] in self._known for p in _PREFIXES)

    def _nearest(self, word: str) -> str:
        allowed = 2 if len(word) >= _LONG else 1
        lengths = range(len(word) - allowed, len(word) + allowed + 1)
        alike = (self._alike.get((word[0], length), ()) for length in lengths)
        found = [
            process.extractOne(word, near, scorer=OSA.distance, score_cutoff=allowed)
            for near in alike
        ]
        best = min(((distance, near) for near, distance, _ in filter(None, found)), default=None)
        return best[1] if best else ""
