"""Answers as a table in the terminal, JSON lines, CSV rows or an HTML page.

Each writer takes one note and its result at a time, so that a run of any length holds one note
in memory.
"""

from __future__ import annotations

from typing import Protocol

from cac.coding import CodingResult
from cac.note import Note


class ResultWriter(Protocol):
    """Writes results in one form, one note at a time."""

    def write(self, note: Note, result: CodingResult) -> None:
        """Write the answer for one note."""

    def close(self) -> None:
        """Write what ends the output."""
