"""Excludes1 and code-first notes between the codes of one note, read once a code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from cac.codes import CodeRange, Icd10cm

_N_PAIRS = 1 << 15  # of codes of one note, kept for the next
_MANIFESTATION = re.compile(r"\bin (?:other )?diseases classified elsewhere\b", re.I)


@dataclass(slots=True)
class Notes:
    """The targets of instructional notes by code, kept for the next note (``notes_of``)."""

    codes: Icd10cm
    _targets: dict[tuple[str, str], tuple[tuple[str, CodeRange], ...]] = field(default_factory=dict)
    excluding: Callable[[str, str], str] = field(init=False)

    def __post_init__(self) -> None:
        self.excluding = lru_cache(maxsize=_N_PAIRS)(self._excluding)

    def targets(self, value: str, kind: str) -> tuple[tuple[str, CodeRange], ...]:
        """Return what the notes of a code and of those above it name, with where they stand.

        Targets narrowed by words ("with ketoacidosis") are left out: a code cannot settle them.
        """
        key = (value, kind)
        if key not in self._targets:
            notes = self.codes.notes(value)[kind] if self.codes.is_valid(value) else ()
            self._targets[key] = tuple(
                (place, target)
                for place, note in notes
                for target in note.targets
                if not target.condition
            )
        return self._targets[key]

    def _excluding(self, value: str, other: str) -> str:
        """Return the place of the Excludes1 note under which two codes exclude each other."""
        for first, second in ((value, other), (other, value)):
            for place, target in self.targets(first, "excludes1"):
                if target.covers(second) and not target.covers(first):
                    return place
        return ""

    def is_manifestation(self, value: str) -> bool:
        """Tell whether the code can only follow its etiology."""
        return bool(_MANIFESTATION.search(self.codes.title(value)))


@lru_cache(maxsize=4)
def notes_of(codes: Icd10cm) -> Notes:
    """Return the notes of a release, the same ones each time."""
    return Notes(codes)
