"""What a section's heading lends to every word that stands under it."""

from __future__ import annotations

from cac.find.stream import Stream
from cac.find.wordlists import allergen_words

_PAST = "~past"
_ALLERGIC = "allergy"


_REACTIONS = ("L20", "L23", "L27", "L29", "L3", "L50", "R06", "R11", "R19.7", "R21", "T78", "J45")


def is_reaction(code: str, category: str) -> bool:
    """Tell whether a code is what an allergen did once ("PCN (hives)"), not what is there now."""
    return category == "allergies" and code.startswith(_REACTIONS)


def lend(stream: Stream, category: str) -> None:
    """Carry the heading's meaning at the words of one sentence.

    What stands under past surgery was done; a drug or a food under allergies is what the
    patient is allergic to.
    """
    if category == "past_surgical_history":
        for position, word in enumerate(stream.lowered):
            if word:
                stream.add(_PAST, position, position)
    elif category == "allergies":
        for word in allergen_words().intersection(stream.where):
            for first, last in list(stream.where[word]):
                stream.add(_ALLERGIC, first, last)
