"""A newborn's note: its diseases are classified as the newborn's, the mother's are hers."""

from __future__ import annotations

from dataclasses import replace

from cac.coding import Mention
from cac.find.stream import Stream
from cac.note import Assertion

_OF_AGE = ("newborn", "neonatal")
_OF_MOTHERS = (
    "O",
    "E08",
    "E09",
    "E10",
    "E11",
    "E13",
    "F1",
    "I10",
    "Z33",
    "Z34",
    "Z3A",
    "Z37",
    "Z39",
)


def add_age(stream: Stream) -> None:
    """Carry "newborn" at every word, so that "sepsis" meets the index's "sepsis, newborn"."""
    for position, word in enumerate(stream.lowered):
        for age in _OF_AGE if len(word) > 2 else ():
            stream.add(age, position, position)


def as_mothers(mention: Mention) -> Mention:
    """Return a mention as the mother's where no newborn can have what it names."""
    if not mention.candidates[0].code.value.startswith(_OF_MOTHERS):
        return mention
    return replace(mention, assertions=(Assertion.OTHER_SUBJECT,))
