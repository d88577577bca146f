"""Why a note got a code, or did not: structured reasons. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from cac.coding import Code
from cac.note import Span


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the way from the note to the code.

    ``kind`` is one word: ``mention``, ``assertion``, ``section``, ``setting``, ``convention``,
    ``rank``, ``score``, ``superseded`` or ``no-mention``. ``message`` is a sentence for the
    coder; ``spans`` are the words of the note that it speaks of.
    """

    kind: str
    message: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why ``code`` was, or was not, suggested; ``rank`` and ``probability`` if it was."""

    code: Code
    suggested: bool
    rank: int | None
    probability: float | None
    reasons: tuple[Reason, ...]
