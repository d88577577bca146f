"""Sets of codes written as coders write them: ``E11``, ``E11.2``, ``C15-C26``."""

from __future__ import annotations

import re
from collections.abc import Iterable

N_CACHED = 1 << 16  # answers kept by code: as many as a release has, near enough


class CodeRanges:
    """Stems and ranges of canonical code values; a stem stands for all that begin with it.

    A range holds every code from its first stem to the last code under its second, as the
    tabular list means ``C15-C26``. Letters sort after digits, as in the tabular list. A
    question mark stands for any one character: ``T45.??5`` holds every adverse effect of T45.
    """

    __slots__ = ("bounds", "pattern", "stems", "texts")

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        wild = [text for text in self.texts if "?" in text]
        self.pattern = re.compile("|".join(map(_pattern, wild))) if wild else None
        parts = [text.partition("-")[::2] for text in self.texts if text not in wild]
        self.stems = tuple(first for first, last in parts if not last)
        self.bounds = tuple((first, last) for first, last in parts if last)

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, str):
            return False
        if value.startswith(self.stems):
            return True
        for first, last in self.bounds:
            if _within(value, first, last):
                return True
        return self.pattern is not None and bool(self.pattern.match(value))

    def __repr__(self) -> str:
        return f"CodeRanges({', '.join(self.texts)})"


def _pattern(text: str) -> str:
    return re.escape(text).replace(r"\?", ".")


def _within(value: str, first: str, last: str) -> bool:
    return first <= value[: len(first)] and value[: len(last)] <= last


class RangeTable:
    """Rows of code ranges turned round: which of them hold a code, without trying each."""

    __slots__ = ("_by_initial", "_by_stem", "_wild")

    def __init__(self, rows: Iterable[CodeRanges]) -> None:
        self._by_stem: dict[str, list[int]] = {}
        self._by_initial: dict[str, list[tuple[str, str, int]]] = {}
        self._wild: list[tuple[re.Pattern[str], int]] = []
        for number, ranges in enumerate(rows):
            for stem in ranges.stems:
                self._by_stem.setdefault(stem, []).append(number)
            for first, last in ranges.bounds:
                for initial in range(ord(first[0]), ord(last[0]) + 1):
                    self._by_initial.setdefault(chr(initial), []).append((first, last, number))
            if ranges.pattern is not None:
                self._wild.append((ranges.pattern, number))

    def rows_with(self, value: str) -> tuple[int, ...]:
        """Return the numbers of the rows that hold a code, in order."""
        found = {row for n in range(len(value)) for row in self._by_stem.get(value[: n + 1], ())}
        for first, last, row in self._by_initial.get(value[:1], ()):
            if _within(value, first, last):
                found.add(row)
        found.update(row for pattern, row in self._wild if pattern.match(value))
        return tuple(sorted(found))
