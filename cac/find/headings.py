"""What a section's heading lends to every word that stands under it."""

from __future__ import annotations

from cac.find.allergens import add_allergic
from cac.find.stream import Stream

_PAST = "~past"


def lend(stream: Stream, category: str) -> None:
    """Carry the heading's meaning at the words of one sentence.

    Past surgery has been done; what is listed under allergies is an allergy.
    """
    if category == "allergies":
        add_allergic(stream)
    elif category == "past_surgical_history":
        for position, word in enumerate(stream.lowered):
            if word:
                stream.add(_PAST, position, position)
