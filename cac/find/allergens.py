"""What stands in a list of allergies: its heading says "allergic" for all of it."""

from __future__ import annotations

from functools import cache

from cac.find.stream import Stream, words_of
from cac.find.wordlists import read_rules

_SAID = words_of("allergic")[0]
_STATUS = ("Z88", "Z91.0")


def add_allergic(stream: Stream) -> None:
    """Carry "allergic" at each drug or food of the list, for itself and not for its neighbours."""
    for word in allergens() & stream.where.keys():
        for first, last in stream.where[word]:
            stream.add(_SAID, first, last)
            stream.expansions.setdefault(first, frozenset([_SAID, word]))


@cache
def allergens() -> frozenset[str]:
    """Return the words of which our own wordings say "allergic"."""
    texts = (
        text
        for row in read_rules("clinical_terms")["terms"]
        if row["code"].startswith(_STATUS)
        for text in row["terms"]
        if text.startswith("allergic ")
    )
    named = (words_of(text) for text in texts)
    return frozenset(words[1] for words in named if len(words) == 2) - {_SAID}
