"""What stands around a mention, as far as it changes the code."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cac.find.wordlists import site_words
from cac.find.words import canonical

_SEX = re.compile(
    r"\b(?:(?P<female>she|her|female|woman|girl|lady|mrs|ms|F)"
    r"|(?P<male>he|his|him|male|man|boy|gentleman|mr|M))\b"
)
_SIDED = re.compile(
    r"(?<![\w/])(?:(?P<left>left|Left|LEFT|lt|Lt|LT|L)|(?P<right>right|Right|RIGHT|rt|Rt|RT|R))\.?"
    r" (?P<site>[A-Za-z]{3,12})\b"
)
_EYE = re.compile(r"\b(?:OD|OS|OU)\b")
EYES = {"OD": "~right eye", "OS": "~left eye"}


@dataclass(frozen=True, slots=True)
class Context:
    """Canonical words near a mention, its sides, and what holds for the whole note.

    ``derived`` are words that stand in the sentence only by way of a synonym, ``wider`` those
    that only include what is said ("lower limb" of "foot"), ``known`` those that a code to
    be refined says already. ``sited`` are the sides on which the note has its sites.
    """

    words: frozenset[str]
    sides: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    wider: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    is_open: bool = False
    encounter: str = ""
    healing: str = ""
    sited: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)

    def knowing(self, words: frozenset[str]) -> Context:
        """Return this context for a code that says some words already."""
        return Context(
            self.words,
            self.sides,
            self.derived,
            self.wider,
            words,
            self.is_open,
            self.encounter,
            self.healing,
            self.sited,
        )

    def beside(self, sites: frozenset[str]) -> Context:
        """Return this context on the side on which the note has one of some sites."""
        sides = {side for site in sites for side in self.sited.get(site, ())}
        return replace(self, sides=frozenset([*sides, "unilateral"])) if len(sides) == 1 else self

    def of_eye(self) -> Context:
        """Return this context on the side of the one eye that the note names, if it does."""
        for word, side in (("~right eye", "right"), ("~left eye", "left")):
            if word in self.words:
                return replace(self, sides=frozenset([side, "unilateral"]))
        return self

    @property
    def both_sides(self) -> bool:
        """Tell whether the mention is of both sides."""
        return "bilateral" in self.sides


def note_words(text: str) -> frozenset[str]:
    """Return words that hold for the whole note: the patient's sex, the one eye it names."""
    lowered = text.lower() if text.isupper() else text
    said = Counter(match.lastgroup or "" for match in _SEX.finditer(lowered))
    words = {side for mark, side in EYES.items() if mark in text and _names_eye(text, mark)}
    if said["female"] != said["male"]:
        words.add(max(said, key=said.__getitem__))
    return frozenset(words)


def sided_sites(text: str) -> dict[str, frozenset[str]]:
    """Return the sides on which a note has its sites ("R knee" anywhere: the knee, right)."""
    sides: dict[str, set[str]] = defaultdict(set)
    for match in _SIDED.finditer(text):
        site = canonical(match["site"])
        if site in site_words():
            sides[site].add("left" if match["left"] else "right")
    return {site: frozenset(found) for site, found in sides.items()}


def _names_eye(text: str, mark: str) -> bool:
    """Tell whether a note names one eye ("OS") and no other."""
    named = {match.group() for match in _EYE.finditer(text)}
    return named == {mark}


def trimester(weeks: int) -> str:
    """Return the trimester by ICD-10-CM's bounds: 14 weeks 0 days and 28 weeks 0 days."""
    return "trimester1" if weeks < 14 else "trimester2" if weeks < 28 else "trimester3"
