"""Sets of codes written as coders write them: ``E11``, ``E11.2``, ``C15-C26``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

N_CACHED = 1 << 16  # answers kept by code: as many as a release has, near enough


class CodeRanges:
    """Stems and ranges of canonical code values; a stem stands for all that begin with it.

    A range holds every code from its first stem to the last code under its second, as the
    tabular list means ``C15-C26``. Letters sort after digits, as in the tabular list. A
    question mark stands for any one character: ``T45.??5`` holds every adverse effect of T45.
    """

    __slots__ = ("_patterns", "_ranges", "_stems", "texts")

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        wild = [text for text in self.texts if "?" in text]
        self._patterns = re.compile("|".join(map(_pattern, wild))) if wild else None
        bounds = [text.partition("-")[::2] for text in self.texts if text not in wild]
        self._stems = tuple(first for first, last in bounds if not last)
        self._ranges = tuple((first, last) for first, last in bounds if last)

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, str):
            return False
        return (
            value.startswith(self._stems)
            or any(_within(value, first, last) for first, last in self._ranges)
            or (self._patterns is not None and bool(self._patterns.match(value)))
        )

    def __repr__(self) -> str:
        return f"CodeRanges({', '.join(self.texts)})"


def _pattern(text: str) -> str:
    return re.escape(text).replace(r"\?", ".")


def _within(value: str, first: str, last: str) -> bool:
    return first <= value[: len(first)] and value[: len(last)] <= last


def rows_with(value: str, rows: Sequence[CodeRanges]) -> frozenset[int]:
    """Return the numbers of the rows that hold a code."""
    return frozenset(number for number, ranges in enumerate(rows) if value in ranges)
