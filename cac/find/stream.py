"""The words of one sentence as the matcher reads them.

An *item* is a canonical word and the positions that carry it. A numbered modifier is one
item ("stage IIIb" is ``stage3b``, "first trimester" ``trimester1``, "type II" ``type2``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from cac.find.numbering import LETTERED, fused, letter_after
from cac.find.words import PLAIN_WORD, STOP_WORDS, WORD, canonical
from cac.note import Span

_CAUSES = frozenset(["due", "from", "caused"])  # kept: they join a drug to its effect
_QUALIFIERS = frozenset(
    "left right bilateral upper lower distal proximal anterior posterior medial lateral mild"
    " moderate severe acute chronic small large".split()
)
_LIST_MARKS = (". ", ") ", ".)")
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


@dataclass(slots=True)
class Stream:
    """The items of one sentence; ``offsets[p]`` are the characters of word position ``p``.

    ``lowered`` are the ``surfaces`` in lower case, empty for a list number. ``costs[p]`` grows
    with the content words and breaks before ``p``: the difference of two is the width of what
    lies between.
    ``breaks[p]`` is the cost of the punctuation before ``p``. ``expansions`` are the words for
    which an abbreviation at a position stands; ``sites`` are the positions of words for parts
    of the body; ``wider`` are words that no word of the text is, but includes ("lower limb"),
    ``derived`` those that only a synonym brings.
    """

    offsets: list[Span] = field(default_factory=list)
    surfaces: list[str] = field(default_factory=list)
    lowered: list[str] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    breaks: list[float] = field(default_factory=list)
    where: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    sites: set[int] = field(default_factory=set)
    wider: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    expansions: dict[int, frozenset[str]] = field(default_factory=dict)

    def add(self, word: str, first: int, last: int) -> None:
        """Note that ``word`` is carried by the positions first..last (inclusive)."""
        places = self.where.setdefault(word, [])
        if (first, last) not in places:
            places.append((first, last))


def read_words(text: str, sentence: Span) -> Stream:
    """Split one sentence into a stream of canonical words."""
    stream = Stream()
    start, end = sentence.start, sentence.end
    pattern = WORD if text.find("-", start, end) >= 0 else PLAIN_WORD
    cost, previous_end = 0.0, start
    for match in pattern.finditer(text, start, end):
        first, last = match.span()
        between = text[previous_end:first]
        gap = 0.0 if between == " " else sum(_BREAK_COST.get(c, 0.0) for c in between)
        cost += gap
        previous_end = last
        surface = match.group()
        is_list_number = surface.isdigit() and text[last : last + 2] in _LIST_MARKS
        word = "" if is_list_number else surface.lower()
        stream.offsets.append(Span(first, last))
        stream.surfaces.append(surface)
        stream.lowered.append(word)
        stream.costs.append(cost)
        stream.breaks.append(gap)
        cost += 0.2 if word in STOP_WORDS else 0.4 if word in _QUALIFIERS else 1.0
    _place(stream)
    return stream


def _place(stream: Stream) -> None:
    taken = 0
    for index, word in enumerate(stream.lowered):
        if index < taken or not word:
            continue
        number, width = fused(stream.lowered, index)
        if number:
            taken = index + width
            stream.add(number, index, taken - 1)
        elif word in STOP_WORDS:
            if word in _CAUSES:
                stream.add(word, index, index)
        elif word in LETTERED and (letter := letter_after(stream.surfaces, index)):
            taken = index + 2
            base = "vitamin" if word == "vit" else word
            stream.add(canonical(base), index, index)
            stream.add(base + letter, index, index + 1)
        elif word != "secondary" or stream.lowered[index + 1 : index + 2] != ["to"]:
            stream.add(canonical(stream.surfaces[index]), index, index)


_WITHOUT = frozenset(["without", "no", "not", "denies", "denied", "absent", "nor", "w/o"])
_REACH = 4


def add_absent(stream: Stream) -> None:
    """Carry ``no:word`` at the words after "without" and the like, up to a break."""
    lowered = stream.lowered
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
    r"|bilateral|trimester|stated|complicating)\b))",
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
