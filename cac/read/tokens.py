"""Tokens of a note: half-open character offsets of the untouched text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cac.lower_case import lowered

# In order: "doesn't"; "q.d."; "T2DM"; "1,600" or "3.5"; "'s"; a run of one other character.
_TOKEN = re.compile(
    r"[^\W\d_]+n['’]t(?!\w)"
    r"|(?:[^\W\d_]\.){2,}"
    r"|[^\W\d_][\w\u0300-\u036f]*"
    r"|\d+(?:[.,]\d+)*"
    r"|['’]s(?!\w)"
    r"|([^\w\s]|_)\1*"
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Parallel lists, one element a token; ``words`` are lower case, for matching alone.

    ``lower`` is the text that the words are of: as long, in lower case, with plain apostrophes.
    """

    lower: str
    starts: list[int]
    ends: list[int]
    words: list[str]

    def __len__(self) -> int:
        return len(self.starts)


def tokenize(text: str) -> Tokens:
    """Split ``text`` into words, numbers and runs of punctuation, in one pass."""
    spans = [match.span() for match in _TOKEN.finditer(text)]
    lower = lowered(text.replace("’", "'"))
    return Tokens(
        lower=lower,
        starts=[start for start, _ in spans],
        ends=[end for _, end in spans],
        words=[lower[start:end] for start, end in spans],
    )
