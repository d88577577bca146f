"""Choose a seventh character: kind of encounter, open or closed, course of healing."""

from __future__ import annotations

from collections.abc import Mapping

from cac.find.context import Context
from cac.find.stream import words_of

_TOLD_BY_SIDE = frozenset(["eye"])
_COURSES = ("delayed", "nonunion", "malunion")


def choose_seventh(characters: Mapping[str, str], context: Context) -> tuple[str, bool]:
    """Return the character that fits, and whether the text settles the encounter.

    Active treatment is the default (guideline I.C.19.a): a first note of an injury seldom
    says "initial encounter".
    """
    if "A" not in characters:
        return _by_words(characters, context)
    encounter = context.encounter or "initial"
    best = max(characters, key=lambda c: (_fit(characters[c].lower(), encounter, context), -ord(c)))
    return best, bool(context.encounter)


def _fit(text: str, encounter: str, context: Context) -> float:
    score = 4.0 if encounter in text else 0.0
    is_open = "open" in text.replace("open or", "")
    if "fracture" in text:
        score += 1.0 if is_open == context.is_open else 0.0
        score += 0.2 if "closed" in text and not context.is_open else 0.0
    if context.is_open and " i or ii" in text:
        score += 0.1
    if encounter == "subsequent":
        wanted = context.healing or "routine"
        score += 0.5 if wanted in text else 0.0
        score -= 0.5 * sum(course in text for course in _COURSES if course != context.healing)
    return score


def _by_words(characters: Mapping[str, str], context: Context) -> tuple[str, bool]:
    def fit(char: str) -> tuple[int, bool, int]:
        words = set(words_of(characters[char])) - _TOLD_BY_SIDE
        return (len(words & context.words), "unspecified" in characters[char].lower(), -ord(char))

    best = max(characters, key=fit)
    if fit(best)[0] == 0 and "0" in characters:
        best = "0"
    return best, True
