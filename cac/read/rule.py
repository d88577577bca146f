"""Rules of reading, with the fields and names of medspaCy's ``ConTextRule`` and ``SectionRule``.

Rule files stay in medspaCy's form. Its classes are not loaded for them: they bring spaCy, NLTK
and QuickUMLS into every start of the command, and none of that reads a note here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cac.errors import SettingsError

DIRECTIONS = ("FORWARD", "BACKWARD", "BIDIRECTIONAL", "TERMINATE", "PSEUDO")


@dataclass(frozen=True, slots=True)
class ContextRule:
    """A cue: its words or pattern, what it says (``category``), and of which side.

    ``max_scope`` is in tokens; ``terminated_by`` are categories that end the scope too.
    """

    literal: str
    category: str
    direction: str
    pattern: str | None = None
    max_scope: int | None = None
    terminated_by: frozenset[str] = frozenset()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise SettingsError(
                f"Direction {self.direction!r} of rule {self.literal!r}; "
                f"allowed: {', '.join(DIRECTIONS)}."
            )


@dataclass(frozen=True, slots=True)
class SectionRule:
    """A header: its words or pattern, and the category of the section that it opens."""

    literal: str
    category: str
    pattern: str | None = None
