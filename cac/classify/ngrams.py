"""Words and pairs of words of a text, with the places where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_TOKEN = re.compile(r"\w+")
_LONGEST = 2


def ngrams(text: str) -> list[str]:
    """Return the words of a text and its pairs of neighbours, in lower case."""
    return [gram for gram, _, _ in placed_ngrams(tokens(text))]


def placed_ngrams(words: list[str]) -> Iterator[tuple[str, int, int]]:
    """Yield each n-gram with its first word and the one after its last."""
    for n in range(1, _LONGEST + 1):
        for start in range(len(words) - n + 1):
            yield " ".join(words[start : start + n]), start, start + n


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return [match.group().lower() for match in _TOKEN.finditer(text)]


def token_offsets(text: str) -> Ints:
    """Return where the words stand, in characters of the text; shape (n_words, 2)."""
    return np.array([m.span() for m in _TOKEN.finditer(text)], dtype=np.int64).reshape(-1, 2)
