"""Scan a text of terms for the words of a query: the engine under the searches.

A line holds the folded words, the number of essential words, a key, a source and the term.
A term scores by how much of the query it holds (rare words count more) and how little it
says beside. No index is kept: scanning some 15 MB once a word takes milliseconds.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"[a-z0-9]+")
_STOPS = "a an and as at by due for from in is nec nos of on or other the to with"
_STOP = frozenset(_STOPS.split())
# What only says that nothing more is said costs nothing beside the query.
_EMPTY = re.compile(
    r"\b[Uu]nspecified(?: site| type)?\b|\b(?:site )?not (?:otherwise )?specified\b"
    r"|\bnot elsewhere classified\b|[(\[][^()\[\]]*[)\]]"
)
_FULL = 0.5  # weight of saying nothing beside, against holding the whole query
_N_SCORED = 4000
_N_PREFIX = 5  # a shorter word must be met whole
_BRITISH = {
    "oedema": "edema",
    "haem": "hem",
    "aem": "em",
    "oesoph": "esoph",
    "tumour": "tumor",
    "rrhoea": "rrhea",
}
_ENDINGS = ("ies", "es", "s", "y")


@dataclass(frozen=True, slots=True)
class TermHit:
    """A key with the term that answers best; ``score`` lies in 0..1."""

    key: str
    score: float
    term: str
    source: str


class TermScan:
    """A text of term lines, ready to be searched."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._folded = [line.split("\t", 1)[0] for line in self._lines]

    def search(self, query: str, limit: int) -> list[TermHit]:
        """Return the keys whose terms answer best; of equals the shortest term, then by key."""
        words = list(dict.fromkeys(map(stem, words_of(query))))
        found = {word: self._holding(word) for word in words}
        found = {w: rows or self._holding(self._nearest(w)) for w, rows in found.items()}
        weights = {word: self._weight(rows) for word, rows in found.items()}
        scores: dict[int, float] = {}
        for word, rows in found.items():
            for row in rows:
                scores[row] = scores.get(row, 0.0) + weights[word]
        total = sum(weights.values())
        best = sorted(scores, key=lambda row: (-scores[row], row))[:_N_SCORED]
        return self._ranked({row: scores[row] / total for row in best}, len(words), limit)

    def _holding(self, word: str) -> list[int]:
        """Return the terms with a word that begins so; a short one must be the whole word."""
        if not word:
            return []
        if len(word) >= _N_PREFIX:
            return [row for row, text in enumerate(self._folded) if f" {word}" in text]
        one, many = f" {word} ", f" {word}s "
        return [row for row, text in enumerate(self._folded) if one in text or many in text]

    def _weight(self, rows: list[int]) -> float:
        return math.log(1 + len(self._folded) / (1 + len(rows)))

    def _nearest(self, word: str) -> str:
        if len(word) < _N_PREFIX:
            return ""
        vocabulary = {stem(w) for text in self._folded for w in text.split() if w[0] == word[0]}
        return next(iter(difflib.get_close_matches(word, sorted(vocabulary), 1, 0.75)), "")

    def _ranked(self, held: dict[int, float], n_words: int, limit: int) -> list[TermHit]:
        best: dict[str, tuple[tuple[float, int], TermHit]] = {}
        for row, share in held.items():
            words, essential, key, source, term = self._lines[row].split("\t")
            beside = n_words * share / max(int(essential), n_words * share, 1.0)
            score = round(share * (1 - _FULL + _FULL * beside), 6)
            order = (-score, words.count(" "))
            if key not in best or order < best[key][0]:
                best[key] = (order, TermHit(key, score, term, source))
        ranked = sorted(best.values(), key=lambda found: (found[0], found[1].key))
        return [hit for _, hit in ranked[:limit]]


def term_line(key: str, source: str, term: str) -> str:
    """Return the line of one term."""
    words = words_of(term)
    said = _EMPTY.sub(" ", term)
    n_essential = len(words if said == term else words_of(said))
    n_essential += "other" in term.lower().split()
    return f" {' '.join(words)} \t{n_essential}\t{key}\t{source}\t{term}"


def term_text(terms: Iterable[tuple[str, str, str]]) -> str:
    """Return the text of many terms (key, source, term), each once."""
    return "\n".join(dict.fromkeys(term_line(*term) for term in terms))


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, accents and stop words removed."""
    plain = fold(text.lower())
    if "ae" in plain or "oe" in plain or "our" in plain:
        for british, american in _BRITISH.items():
            plain = plain.replace(british, american)
    return [word for word in _WORD.findall(plain.replace("'s", "s")) if word not in _STOP]


def fold(text: str) -> str:
    """Return text without accents, as the publisher's code lists have it."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def stem(word: str) -> str:
    """Cut a plural ending, so that the beginning of both forms is searched for."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word.removesuffix(ending)
    return word
