"""Numbered and lettered modifiers: "stage IIIb", "first trimester", "type 2", "hepatitis B"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBERED = frozenset(
    ["type", "stage", "grade", "class", "phase", "degree", "trimester", "gustilo"]
)
_SHORT = {"deg": "degree", "tri": "trimester"}
_NUMBERED_FORMS = _NUMBERED | {word + "s" for word in _NUMBERED} | frozenset(_SHORT)
_STAGED = frozenset(["ckd", "crf"])  # "CKD 3b" is stage 3b
_BESIDE_NUMBERS = _NUMBERED_FORMS | _STAGED
LETTERED = frozenset(
    ["vit", "vitamin", "hepatitis", "influenza", "hemophilia", "factor", "hemoglobin"]
)
_VITAMIN = re.compile(r"[A-Za-z]\d{1,2}")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_ORDINAL = {
    "first": "1", "1st": "1", "second": "2", "2nd": "2", "third": "3", "3rd": "3",
    "fourth": "4", "4th": "4", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
}  # fmt: skip
_VALUE = re.compile(r"^(\d|iv|v?i{0,3})([a-e]?)$")
_GLUED = re.compile(r"^(type|stage|grade)(\d)([a-e]?)$")


def number_of(word: str) -> str:
    """Return ``3b`` for "3b", "IIIb" or "third", and an empty string for what is no number."""
    word = word.lower()
    if word in _ORDINAL:
        return _ORDINAL[word]
    match = _VALUE.match(word)
    if not match or not match[1]:
        return ""
    return _ROMAN.get(match[1], match[1]) + match[2]


def is_numbered(lowered: Sequence[str]) -> bool:
    """Tell whether ``fused`` may find anything: most sentences hold neither word nor digit."""
    return not _BESIDE_NUMBERS.isdisjoint(lowered) or any(
        word[-1:].isdigit() or word[-2:-1].isdigit() for word in lowered
    )


def fused(lowered: Sequence[str], index: int) -> tuple[str, int]:
    """Return the one word for a modifier and its number at ``index``, and how many it takes.

    An empty word where there is none.
    """
    word = lowered[index]
    following = lowered[index + 1] if index + 1 < len(lowered) else ""
    if word in _NUMBERED_FORMS:
        number = number_of(following)
        return (_SHORT.get(word, word.rstrip("s")) + number, 2) if number else ("", 0)
    following = _SHORT.get(following, following)
    if following in _NUMBERED and number_of(word):
        return following + number_of(word), 2
    if index and lowered[index - 1] in _STAGED and number_of(word.removeprefix("g")):
        return "stage" + number_of(word.removeprefix("g")), 1  # "CKD G3a": KDIGO's grade
    glued = _GLUED.match(word) if word[-1].isdigit() or word[-2:-1].isdigit() else None
    return (glued[1] + glued[2] + glued[3], 1) if glued else ("", 0)


def letter_after(surfaces: Sequence[str], index: int) -> str:
    """Return the letter or number of "vitamin A", "hepatitis B", "factor V", in lower case."""
    following = surfaces[index + 1] if index + 1 < len(surfaces) else ""
    if len(following) == 1 and following.isupper():
        return following.lower()
    return number_of(following) or (following.lower() if _VITAMIN.fullmatch(following) else "")
