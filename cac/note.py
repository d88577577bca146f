"""What is read: a note, its parts, and what is said of a span in it. Standard library only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from cac.lower_case import lowered


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of Python characters, ``text[start:end]``."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two spans share a character."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Tell whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


class Setting(StrEnum):
    """Where the encounter took place; it decides which coding guidelines hold."""

    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"
    EMERGENCY = "emergency"
    PROFESSIONAL = "professional"


class Assertion(StrEnum):
    """What the text says of a mention (ConText: Harkema et al. 2009)."""

    PRESENT = "PRESENT"
    NEGATED = "NEGATED"
    POSSIBLE = "POSSIBLE"
    HISTORICAL = "HISTORICAL"
    HYPOTHETICAL = "HYPOTHETICAL"
    OTHER_SUBJECT = "OTHER_SUBJECT"


@dataclass(frozen=True, slots=True)
class Note:
    """One clinical document, its text untouched.

    ``language`` is an ISO 639-1 code; ``service_date`` picks the code-set release.
    """

    note_id: str
    text: str
    note_type: str = ""
    language: str = "en"
    patient_id: str = ""
    encounter_id: str = ""
    setting: Setting | None = None
    service_date: date | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a note under one header; ``title`` is empty (0 long) where no header stands."""

    category: str
    title: Span
    body: Span


@dataclass(frozen=True, slots=True)
class Modifier:
    """A cue, what it asserts, and the characters that it holds over."""

    assertion: Assertion
    cue: Span
    scope: Span
    rule: str


@dataclass(frozen=True, slots=True)
class AnnotatedNote:
    """A note as read once, for training and serving alike.

    ``sections`` cover the text in order without overlap; ``sentences`` and ``tokens`` are
    in order (``token_bounds`` are the tokens as pairs of start and end, which few need as spans);
    ``fingerprint`` names the reading code and rule files; ``lower`` is the text in lower case, of
    the same length.
    """

    note: Note
    sections: tuple[Section, ...]
    sentences: tuple[Span, ...]
    token_bounds: tuple[tuple[int, int], ...]
    modifiers: tuple[Modifier, ...]
    fingerprint: str = ""
    lower: str = field(init=False, repr=False, compare=False)
    _section_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _sentence_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _scopes: tuple[tuple[Modifier, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", lowered(self.note.text))
        starts = tuple(min(s.title.start, s.body.start) for s in self.sections)
        object.__setattr__(self, "_section_starts", starts)
        object.__setattr__(self, "_sentence_starts", tuple(s.start for s in self.sentences))
        object.__setattr__(self, "_scopes", self._modifiers_by_sentence())

    def _modifiers_by_sentence(self) -> tuple[tuple[Modifier, ...], ...]:
        by_sentence: list[list[Modifier]] = [[] for _ in self.sentences]
        for modifier in self.modifiers:
            first = max(bisect_right(self._sentence_starts, modifier.scope.start) - 1, 0)
            for index in range(first, len(self.sentences)):
                if self.sentences[index].start >= modifier.scope.end:
                    break
                by_sentence[index].append(modifier)
        return tuple(tuple(found) for found in by_sentence)

    @property
    def tokens(self) -> tuple[Span, ...]:
        """The tokens as spans, made anew each time."""
        return tuple(Span(start, end) for start, end in self.token_bounds)

    def section_at(self, span: Span) -> Section | None:
        """Return the section in which ``span`` starts."""
        return self.section_from(span.start)

    def section_from(self, position: int) -> Section | None:
        """Return the section in which a character stands."""
        return _at(self.sections, self._section_starts, position)

    def sentence_at(self, span: Span) -> Span | None:
        """Return the sentence in which ``span`` starts."""
        return _at(self.sentences, self._sentence_starts, span.start)

    def modifiers_of(self, span: Span) -> tuple[Modifier, ...]:
        """Return the modifiers whose scope covers ``span`` (its cue itself is not covered)."""
        return tuple(
            m
            for m in self.modifiers_near(span)
            if m.scope.contains(span) and not m.cue.overlaps(span)
        )

    def modifiers_near(self, span: Span) -> tuple[Modifier, ...]:
        """Return the modifiers whose scope reaches into the sentence in which ``span`` starts."""
        index = bisect_right(self._sentence_starts, span.start) - 1
        return self._scopes[index] if index >= 0 else ()

    def assertions_of(self, span: Span) -> tuple[Assertion, ...]:
        """Return what is said of ``span``; ``(PRESENT,)`` where nothing else is."""
        found = {m.assertion for m in self.modifiers_of(span)}
        return tuple(a for a in Assertion if a in found) or (Assertion.PRESENT,)


_T = TypeVar("_T")


def _at(items: Sequence[_T], starts: Sequence[int], position: int) -> _T | None:
    index = bisect_right(starts, position) - 1
    return items[index] if index >= 0 else None
