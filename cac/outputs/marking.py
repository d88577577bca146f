"""Overlapping evidence laid over the text: segments, each with all the marks that cover it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise

from cac.coding import Evidence, Suggestion
from cac.note import Span

# Pictures of control characters: a raw one could steer a terminal or break a page.
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"}
_PICTURES |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of evidence of one suggestion; ``anchor`` and ``owner`` name the two in a note.

    ``is_part`` says that its mention has other pieces, ``goes_on`` that another one follows.
    """

    span: Span
    anchor: str
    owner: str
    suggestion: Suggestion
    evidence: Evidence
    is_part: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters under the same marks, the longest mark first."""

    span: Span
    marks: tuple[Mark, ...]


def marks_of(suggestions: Iterable[Suggestion], prefix: str) -> list[Mark]:
    """Return the marks of all evidence, in the order of the suggestions."""
    return [
        mark
        for order, suggestion in enumerate(suggestions, 1)
        for marks in marks_by_mention(suggestion, f"{prefix}{order}")
        for mark in marks
    ]


def marks_by_mention(suggestion: Suggestion, owner: str) -> list[list[Mark]]:
    """Return the marks of each mention of a suggestion, in the order of the text."""
    number = count()
    return [
        [
            Mark(
                e.span,
                f"{owner}-{next(number)}",
                owner,
                suggestion,
                e,
                len(pieces) > 1,
                e is not pieces[-1],
            )
            for e in pieces
        ]
        for pieces in suggestion.mentions
    ]


def segments(n_characters: int, marks: list[Mark], cuts: Iterable[int] = ()) -> Iterator[Segment]:
    """Cut the text wherever a mark starts or ends (and at ``cuts``), leaving nothing out."""
    edges = {0, n_characters, *cuts}
    edges.update(edge for mark in marks for edge in (mark.span.start, mark.span.end))
    ordered = sorted(edge for edge in edges if 0 <= edge <= n_characters)
    waiting = sorted(marks, key=lambda mark: mark.span.start, reverse=True)
    active: list[Mark] = []
    for start, end in pairwise(ordered):
        while waiting and waiting[-1].span.start <= start:
            active.append(waiting.pop())
        active = [mark for mark in active if mark.span.end > start]
        covering = sorted(active, key=lambda mark: (-len(mark.span), mark.anchor))
        yield Segment(Span(start, end), tuple(covering))


def printable(text: str) -> str:
    """Return the text with control characters as pictures, one for one."""
    return text.translate(_PICTURES)
