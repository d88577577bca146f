"""Weights of tokens brought to the note's words, and words to exact spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cac.note import Span

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_WORD = re.compile(r"\w+(?:[-'’./]\w+)*")
_JOINS = re.compile(r"[^\S\n]*(?:\n[^\S\n]*)?[-/,(]?[^\S\n]*")


@dataclass(frozen=True, slots=True)
class WeightedSpan:
    """Words of a note that speak for a code; ``weight`` is 1 for the heaviest word of them all."""

    span: Span
    weight: float


def words_of(text: str) -> Ints:
    """Return the words of a text, half-open in characters; shape (n_words, 2)."""
    spans = [match.span() for match in _WORD.finditer(text)]
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def touched(ranges: Ints, spans: Sequence[Span]) -> Floats:
    """Return 1 for each word or token that an annotated span touches, else 0; shape (n_ranges,)."""
    gold = np.zeros(len(ranges))
    for span in spans:
        gold[(ranges[:, 0] < span.end) & (ranges[:, 1] > span.start)] = 1.0
    return gold


def by_word(words: Ints, offsets: Ints, weights: Floats) -> Floats:
    """Return the weight of each word: the sum of those of the tokens that start in it.

    Shape: (n_words, 2), (n_tokens, 2), (n_codes, n_tokens) -> (n_codes, n_words)
    """
    merged = np.zeros((len(weights), len(words)))
    if len(words):
        word = np.searchsorted(words[:, 0], offsets[:, 0], side="right") - 1
        inside = (word >= 0) & (offsets[:, 0] < words[word, 1]) & (offsets[:, 1] > offsets[:, 0])
        np.add.at(merged.T, word[inside], weights[:, inside].T)
    return merged


def heaviest_spans(
    text: str, words: Ints, weights: Floats, *, share: float, limit: int = 8
) -> tuple[WeightedSpan, ...]:
    """Return the spans of the words that weigh at least ``share`` of the heaviest, in order.

    Neighbours become one span unless a sentence or a line's end stands between. Where any word
    has weight the answer is not empty.

    Args:
        text: the note's text.
        words: from `words_of`.
        weights: of one code; shape (n_words,).
        share: 0 to 1.
        limit: how many spans at most, the heaviest.
    """
    top = float(weights.max(initial=0.0))
    if top <= 0:
        return ()
    chosen = np.nonzero(weights / top >= share)[0]
    spans = [
        WeightedSpan(
            Span(int(words[run[0], 0]), int(words[run[-1], 1])), float(weights[run].max()) / top
        )
        for run in _runs(text, words, chosen.tolist())
    ]
    kept = sorted(spans, key=lambda s: (-s.weight, s.span))[:limit]
    return tuple(sorted(kept, key=lambda s: s.span))


def _runs(text: str, words: Ints, chosen: list[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for word in chosen:
        if run and (
            word != run[-1] + 1 or not _JOINS.fullmatch(text, words[run[-1], 1], words[word, 0])
        ):
            yield run
            run = []
        run.append(word)
    if run:
        yield run
