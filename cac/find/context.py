"""What stands around a mention, as far as it changes the code."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FEMALE = re.compile(r"\b(?:she|her|female|woman|girl|lady|mrs|ms|F)\b")
_MALE = re.compile(r"\b(?:he|his|him|male|man|boy|gentleman|mr|M)\b")


@dataclass(frozen=True, slots=True)
class Context:
    """Canonical words near a mention, its sides, and what holds for the whole note.

    ``derived`` are words that stand in the sentence only by way of a synonym,
    ``known`` those that a code to be refined says already.
    """

    words: frozenset[str]
    sides: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    is_open: bool = False
    encounter: str = ""
    healing: str = ""

    @property
    def both_sides(self) -> bool:
        """Tell whether the mention is of both sides."""
        return "bilateral" in self.sides


def note_words(text: str) -> frozenset[str]:
    """Return words that hold for the whole note: the patient's sex."""
    found = set()
    lowered = text.lower() if text.isupper() else text
    n_female = len(_FEMALE.findall(lowered))
    n_male = len(_MALE.findall(lowered))
    if n_female != n_male:
        found.add("female" if n_female > n_male else "male")
    return frozenset(found)


def trimester(weeks: int) -> str:
    """Return the trimester by ICD-10-CM's bounds: 14 weeks 0 days and 28 weeks 0 days."""
    return "trimester1" if weeks < 14 else "trimester2" if weeks < 28 else "trimester3"
