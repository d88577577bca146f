"""Where the review of a note stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cac.coding import Code, CodeSystem
from cac.note import Span
from serve.review.decision import Event, Reason


class Status(StrEnum):
    """What became of a code."""

    SUGGESTED = "suggested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"
    ADDED = "added"


FINAL = frozenset({Status.ACCEPTED, Status.ADDED})
DIAGNOSES = frozenset({CodeSystem.ICD10CM, CodeSystem.ICD9CM})


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the fold needs of a suggestion."""

    code: Code
    description: str = ""
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeState:
    """One code of a note; ``sequence`` counts the final codes from 1, None for the others.

    ``replaces`` is set on a code that stands in the place of another.
    """

    code: Code
    description: str
    status: Status
    evidence: tuple[Span, ...] = ()
    replacement: Code | None = None
    replaces: Code | None = None
    reason: Reason | None = None
    principal: bool = False
    sequence: int | None = None
    poa: str = ""


@dataclass(frozen=True, slots=True)
class ReviewState:
    """The state after ``version`` decisions.

    ``undoable`` and ``redoable`` are versions of events, the next one last; ``comments`` are
    their events.
    """

    version: int
    codes: tuple[CodeState, ...]
    comments: tuple[Event, ...] = ()
    undoable: tuple[int, ...] = ()
    redoable: tuple[int, ...] = ()
    is_complete: bool = False
    active_ms: int = 0

    @property
    def final(self) -> tuple[CodeState, ...]:
        """The codes that stand, in order of sequence."""
        return tuple(sorted((c for c in self.codes if c.sequence), key=lambda c: c.sequence or 0))

    def of(self, code: Code | None) -> CodeState | None:
        """Return what is known of a code."""
        return next((c for c in self.codes if c.code == code), None)
