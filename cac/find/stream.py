"""The words of one sentence as the matcher reads them.

An *item* is a canonical word and the positions that carry it. A numbered modifier is one
item ("stage IIIb" is ``stage3b``, "first trimester" ``trimester1``, "type II" ``type2``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, chain, compress
from sys import intern

from cac.find.numbering import LETTERED, fused, is_numbered, letter_after
from cac.find.words import PLAIN_WORD, STOP_WORDS, WORD, canonical
from cac.note import Span

_CAUSES = frozenset(["due", "from", "caused"])  # kept: they join a drug to its effect
_QUALIFIERS = frozenset(
    "left right bilateral upper lower distal proximal anterior posterior medial lateral mild"
    " moderate severe acute chronic small large".split()
)
# Pain that radiates to the neck is no neck pain: nothing is joined over these.
_READ_ON = LETTERED | {"secondary"}  # what these carry depends on the word behind them
_PARTING = frozenset(["radiates", "radiate", "radiating", "radiated"])
_WIDEST = 10.0
# Beyond so many places of one word a set is quicker: one "1." after the other is no sentence, and
# a list searched for each of its 100,000 words held the note up for minutes.
_FEW_PLACES = 32
_LIST_MARKS = (". ", ") ", ".)")
_COUNTED = frozenset(
    "trisomy type stage grade class level bmi gravida factor ckd crf nyha cd4 nihss dm".split()
)
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
    """The items of one sentence; ``starts[p]`` to ``ends[p]`` are the characters of word ``p``.

    ``lowered`` are the ``surfaces`` in lower case, empty for a list number. ``costs[p]`` grows
    with the content words and breaks before ``p``: the difference of two is the width of what
    lies between.
    ``breaks[p]`` is the cost of the punctuation before ``p``. ``expansions`` are the words for
    which an abbreviation at a position stands; ``sites`` are the positions of words for parts
    of the body; ``wider`` are words that no word of the text is, but includes ("lower limb"),
    ``derived`` those that only a synonym brings; ``joined`` are the positions after a "+".
    """

    starts: list[int]
    ends: list[int]
    surfaces: list[str]
    lowered: list[str]
    costs: list[float]
    breaks: list[float]
    where: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    sites: set[int] = field(default_factory=set)
    wider: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    expansions: dict[int, frozenset[str]] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)
    _crowded: dict[str, set[tuple[int, int]]] = field(default_factory=dict)

    def span(self, position: int) -> Span:
        """Return the characters of a word."""
        return Span(self.starts[position], self.ends[position])

    def add(self, word: str, first: int, last: int) -> None:
        """Note that ``word`` is carried by the positions first..last (inclusive)."""
        places = self.where.get(word)
        if places is None:
            self.where[word] = [(first, last)]
        elif len(places) < _FEW_PLACES:
            if (first, last) not in places:
                places.append((first, last))
        else:
            self._add_to_many(word, places, (first, last))

    def remove(self, first: int, last: int) -> None:
        """Take away all that begins at the positions first..last (inclusive)."""
        self._crowded.clear()
        for word in list(self.where):
            places = [place for place in self.where[word] if not first <= place[0] <= last]
            if places:
                self.where[word] = places
            else:
                del self.where[word]
        for position in range(first, last + 1):
            self.lowered[position] = ""

    def _add_to_many(
        self, word: str, places: list[tuple[int, int]], place: tuple[int, int]
    ) -> None:
        if (seen := self._crowded.get(word)) is None:
            seen = self._crowded[word] = set(places)
        if place not in seen:
            seen.add(place)
            places.append(place)


def read_words(text: str, sentence: Span, lead: Sequence[tuple[int, int]] = ()) -> Stream:
    """Split one sentence into a stream of canonical words.

    ``lead`` are words elsewhere that stand before it in sense, as the name of a specimen does.
    """
    start, end = sentence.start, sentence.end
    pattern = WORD if text.find("-", start, end) >= 0 else PLAIN_WORD
    spans = [match.span() for match in pattern.finditer(text, start, end)]
    if lead:
        spans = [*lead, *spans]
    starts, ends = [first for first, _ in spans], [last for _, last in spans]
    surfaces = [text[first:last] for first, last in spans]
    between = [text[first:last] for first, last in zip([start, *ends], starts, strict=False)]
    if lead:
        between[: len(lead) + 1] = [" "] * (len(lead) + 1)
    words, widths, items, plain, numbering = _columns(surfaces)
    breaks = [0.0 if gap == " " else _break_cost(gap) for gap in between]
    # Break before, width of, break before the next: every second sum stands before a word.
    costs = list(accumulate(chain.from_iterable(zip(breaks, widths, strict=True))))[::2]
    lowered = list(words)
    for index in compress(range(len(ends)), numbering):
        before = words[index - 1] if index else ""
        if text[ends[index] : ends[index] + 2] in _LIST_MARKS and before not in _COUNTED:
            lowered[index] = ""
    stream = Stream(starts, ends, surfaces, lowered, costs, breaks)
    if all(plain):
        _place_plain(stream, items)
    else:
        _place(stream)
    if text.find("+", start, end) >= 0:
        _read_plus(stream, [*between[1:], text[ends[-1] : end]] if ends else [])
    return stream


def _read_plus(stream: Stream, after: Sequence[str]) -> None:
    """Read "HIV+" as positive, and "femoral + popliteal" as a list."""
    for position, gap in enumerate(after):
        if gap.startswith("+") and (len(gap) > 1 or position + 1 == len(after)):
            stream.add("positive", position, position)
        elif gap.strip() == "+":
            stream.joined.add(position + 1)


_Columns = tuple[
    tuple[str, ...], tuple[float, ...], tuple[str, ...], tuple[bool, ...], tuple[bool, ...]
]


@lru_cache(maxsize=1 << 17)
def _form(surface: str) -> tuple[str, float, str, bool, bool]:
    """Return what is to be known of a written word, whatever stands beside it.

    That is the word in lower case; its width; what it carries (nothing, for a stop word); whether
    it carries that beside whatever word; and whether it may number the items of a list. A plain
    tuple of these is no burden to Python's cycle collector.
    """
    word = surface.lower()
    width = 0.2 if word in STOP_WORDS else 0.4 if word in _QUALIFIERS else 1.0
    width = _WIDEST if word in _PARTING else width
    stops = word in STOP_WORDS
    item = canonical(surface) if not stops else word if word in _CAUSES else ""
    is_plain = (stops or word not in _READ_ON) and not is_numbered((word,))
    return word, width, item, is_plain, surface.isdigit() and len(surface) < 3


@lru_cache(maxsize=4096)
def _break_cost(between: str) -> float:
    return sum(_BREAK_COST.get(character, 0.0) for character in between)


def _columns(surfaces: list[str]) -> _Columns:
    """Return the fields of the forms of words, each field for all words."""
    return tuple(zip(*map(_form, surfaces), strict=True)) or ((), (), (), (), ())  # type: ignore[return-value]


def _place_plain(stream: Stream, items: tuple[str, ...]) -> None:
    """Place the words of a sentence in which each stands for itself."""
    for index, item in enumerate(items):
        if item and stream.lowered[index]:
            stream.add(item, index, index)


def _place(stream: Stream) -> None:
    taken = 0
    numbered = is_numbered(stream.lowered)
    for index, word in enumerate(stream.lowered):
        if index < taken or not word:
            continue
        number, width = fused(stream.lowered, index) if numbered else ("", 0)
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


_WITHOUT = frozenset(["without", "no", "not", "never", "denies", "denied", "absent", "nor", "w/o"])
_ANY_WITHOUT = _WITHOUT | {"w"}
_REACH = 4


def add_absent(stream: Stream) -> None:
    """Carry ``no:word`` at the words after "without" and the like, up to a break."""
    lowered = stream.lowered
    if _ANY_WITHOUT.isdisjoint(lowered):
        return
    absent: set[int] = set()
    for index, word in enumerate(lowered):
        if word in _WITHOUT:
            absent.update(_following(stream, lowered, index + 1))
    for word, places in list(stream.where.items()):
        for first, last in places:
            if first in absent:
                stream.add(intern(f"no:{word}"), first, last)


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
    r"|bilateral|trimester|stated|complicating)\b|(?:recurrent|intractable|in remission)\b))",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 17)
def signed_words_of(text: str) -> tuple[str, ...]:
    """Return the words of a term; those after "without" or "not" as ``no:word``."""
    absent = [intern(f"no:{word}") for part in _SPLIT.findall(text) for word in words_of(part)]
    return (*words_of(_SPLIT.sub(" ", text)), *dict.fromkeys(absent))


@lru_cache(maxsize=1 << 17)
def words_of(text: str) -> tuple[str, ...]:
    """Return the canonical content words of a term, each once, in order."""
    words = read_words(text, Span(0, len(text))).where
    return tuple(word for word in words if word not in _CAUSES)
