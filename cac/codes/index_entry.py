"""A line of the Alphabetic Index."""

from __future__ import annotations

from typing import NamedTuple


class IndexEntry(NamedTuple):
    """One line of the index, with all the levels above it.

    ``nonessential`` has one tuple a level: words that may stand there or not without changing
    the code. ``code`` may be an incomplete prefix ("S52.50"), or empty where the line only
    refers on. In the neoplasm and drug tables the last level is the column.
    """

    path: tuple[str, ...]
    nonessential: tuple[tuple[str, ...], ...]
    code: str
    see: str
    see_also: str
    table: str
    manifestation: str = ""
