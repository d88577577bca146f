"""The words of one sentence as the matcher reads them.

An *item* is a canonical word and the positions that carry it. A numbered modifier is one
item ("stage IIIb" is ``stage3b``, "first trimester" ``trimester1``, "type II" ``type2``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cac.find.words import STOP_WORDS, WORD, canonical
from cac.note import Span

_NUMBERED = frozenset(
    ["type", "stage", "grade", "class", "phase", "degree", "trimester", "gustilo"]
)
_STAGED = frozenset(["ckd", "crf"])  # "CKD 3b" is stage 3b
_CAUSES = frozenset(["due", "from", "caused"])  # kept: they join a drug to its effect
_QUALIFIERS = frozenset(
    "left right bilateral upper lower distal proximal anterior posterior medial lateral mild"
    " moderate severe acute chronic small large".split()
)
_LETTERED = frozenset(["vitamin", "hepatitis", "influenza", "hemophilia", "factor", "hemoglobin"])
_VITAMIN = re.compile(r"[A-Za-z]\d{1,2}")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_ORDINAL = {
    "first": "1", "1st": "1", "second": "2", "2nd": "2", "third": "3", "3rd": "3",
    "fourth": "4", "4th": "4", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
}  # fmt: skip
_VALUE = re.compile(r"^(\d|iv|v?i{0,3})([a-e]?)$")
_GLUED = re.compile(r"^(type|stage|grade|ckd|dm|t|g)(\d)([a-e]?)$")
_BREAK_COST = {
    ",": 1.0,
    ";": 50.0,
    ":": 1.0,
    "(": 0.5,
    ")": 0.5,
    "\n": 0.0,
    ".": 2.0,
    "/": 0.0,
    "-": 0.0,
    "•": 50.0,
}


def number_of(word: str) -> str:
    """Return ``3b`` for "3b", "IIIb" or "third", and an empty string for what is no number."""
    word = word.lower()
    if word in _ORDINAL:
        return _ORDINAL[word]
    match = _VALUE.match(word)
    if not match or not match[1]:
        return ""
    return _ROMAN.get(match[1], match[1]) + match[2]


@dataclass(slots=True)
class Stream:
    """The items of one sentence; ``offsets[p]`` are the characters of word position ``p``.

    ``costs[p]`` grows with the content words and breaks before ``p``: the difference of two
    is the width of what lies between. ``breaks[p]`` is the cost of the punctuation before
    ``p``. ``expansions`` are the words for which an abbreviation at a position stands;
    ``sites`` are the positions of words for parts of the body.
    """

    offsets: list[Span] = field(default_factory=list)
    surfaces: list[str] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    breaks: list[float] = field(default_factory=list)
    where: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    sites: set[int] = field(default_factory=set)
    expansions: dict[int, frozenset[str]] = field(default_factory=dict)

    def add(self, word: str, first: int, last: int) -> None:
        """Note that ``word`` is carried by the positions first..last (inclusive)."""
        places = self.where.setdefault(word, [])
        if (first, last) not in places:
            places.append((first, last))


def read_words(text: str, sentence: Span) -> Stream:
    """Split one sentence into a stream of canonical words."""
    stream = Stream()
    cost, previous_end = 0.0, sentence.start
    for match in WORD.finditer(text, sentence.start, sentence.end):
        between = text[previous_end : match.start()]
        gap = 0.0 if between == " " else sum(_BREAK_COST.get(c, 0.0) for c in between)
        cost += gap
        previous_end = match.end()
        surface = match.group()
        stream.offsets.append(Span(match.start(), match.end()))
        stream.surfaces.append(surface)
        stream.costs.append(cost)
        stream.breaks.append(gap)
        cost += _word_cost(surface.lower())
    _place(stream)
    return stream


def _word_cost(word: str) -> float:
    if word in STOP_WORDS:
        return 0.2
    return 0.4 if word in _QUALIFIERS else 1.0


def _place(stream: Stream) -> None:
    taken: set[int] = set()
    surfaces = stream.surfaces
    for index, surface in enumerate(surfaces):
        if index in taken:
            continue
        lowered = surface.lower()
        fused, width = _fuse(surfaces, index, lowered)
        if fused:
            taken.update(range(index, index + width))
            stream.add(fused, index, index + width - 1)
        elif lowered in _LETTERED and _letter_after(surfaces, index):
            letter = _letter_after(surfaces, index)
            taken.add(index + 1)
            stream.add(canonical(surface), index, index)
            stream.add(lowered + letter, index, index + 1)
        elif lowered in _CAUSES:
            stream.add(lowered, index, index)
        elif lowered not in STOP_WORDS and not _is_link(surfaces, index, lowered):
            stream.add(canonical(surface), index, index)


def _letter_after(surfaces: Sequence[str], index: int) -> str:
    """Return the letter or number of "vitamin A", "hepatitis B", "factor V", in lower case."""
    following = surfaces[index + 1] if index + 1 < len(surfaces) else ""
    if len(following) == 1 and following.isupper():
        return following.lower()
    return number_of(following) or (following.lower() if _VITAMIN.fullmatch(following) else "")


def _is_link(surfaces: Sequence[str], index: int, lowered: str) -> bool:
    """Tell whether "secondary" only joins ("secondary to sepsis")."""
    return lowered == "secondary" and "to" in (w.lower() for w in surfaces[index + 1 : index + 2])


def _fuse(surfaces: Sequence[str], index: int, lowered: str) -> tuple[str, int]:
    following = surfaces[index + 1].lower() if index + 1 < len(surfaces) else ""
    if lowered in _NUMBERED or lowered.rstrip("s") in _NUMBERED:
        number = number_of(following)
        if number:
            return lowered.rstrip("s") + number, 2
    if index and surfaces[index - 1].lower() in _STAGED and number_of(lowered):
        return "stage" + number_of(lowered), 1
    if following in _NUMBERED and number_of(lowered):
        return following + number_of(lowered), 2
    glued = _GLUED.match(lowered)
    if glued and glued[1] in _NUMBERED:
        return glued[1] + glued[2] + glued[3], 1
    return "", 0


_WITHOUT = frozenset(["without", "no", "not", "denies", "denied", "absent", "nor", "w/o"])
_REACH = 4


def add_absent(stream: Stream) -> None:
    """Carry ``no:word`` at the words after "without" and the like, up to a break."""
    lowered = [surface.lower() for surface in stream.surfaces]
    absent: set[int] = set()
    for index, word in enumerate(lowered):
        if word in _WITHOUT or (word == "w" and lowered[index + 1 : index + 2] == ["o"]):
            absent.update(_following(stream, lowered, index + (2 if word == "w" else 1)))
    for word, places in list(stream.where.items()):
        for first, last in places:
            if first in absent:
                stream.add(f"no:{word}", first, last)


def _following(stream: Stream, lowered: list[str], start: int) -> Iterator[int]:
    for position in range(start, min(start + _REACH, len(lowered))):
        if lowered[position] in ("with", "but") or (
            position > start and stream.breaks[position] >= 1
        ):
            return
        yield position


_SPLIT = re.compile(
    r"\b(?:without|not)\b(.*?)(?=\bwith\b|\bwithout\b| of (?!consciousness)| to (?!nail)|$"
    r"|, (?=.*\b(?:with|without|not|unspecified|initial|subsequent|sequela|right|left"
    r"|bilateral|trimester|stated)\b))",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 17)
def signed_words_of(text: str) -> tuple[str, ...]:
    """Return the words of a term; those after "without" or "not" as ``no:word``."""
    absent = [f"no:{word}" for part in _SPLIT.findall(text) for word in words_of(part)]
    return (*words_of(_SPLIT.sub(" ", text)), *dict.fromkeys(absent))


@lru_cache(maxsize=1 << 17)
def words_of(text: str) -> tuple[str, ...]:
    """Return the canonical content words of a term, each once, in order."""
    words = read_words(text, Span(0, len(text))).where
    return tuple(word for word in words if word not in _CAUSES)
