"""General Equivalence Mappings, both ways and with all their flags, and CCSR categories.

A GEM is a dictionary, not an equation: most entries are approximate, some have no target,
and a combination needs one code from each choice list of a scenario. The last GEMs are of
2018; ICD-10-CM codes added since have no entry.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cac.codes.library import require
from cac.codes.values import normalise, normalise_icd9
from cac.coding import CodeSystem
from cac.errors import CodeSetError, SettingsError, UnknownCodeError

RELEASE = "2018"
_NO_TARGET = frozenset({"NODX", "NOPCS"})


@dataclass(frozen=True, slots=True)
class GemEntry:
    """One row of a GEM, its codes in canonical form; ``target`` is empty where none exists."""

    source: str
    target: str
    approximate: bool
    no_map: bool
    combination: bool
    scenario: int
    choice_list: int


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a code maps to.

    ``single`` are alternatives that each stand alone; ``scenarios`` are ways to combine, each
    a tuple of choice lists, of which one code each is taken.
    """

    source: str
    entries: tuple[GemEntry, ...]

    @property
    def no_map(self) -> bool:
        """Whether the GEM says that no target exists."""
        return any(entry.no_map for entry in self.entries)

    @property
    def approximate(self) -> bool:
        """Whether any way is only approximate."""
        return any(entry.approximate for entry in self.entries)

    @property
    def single(self) -> tuple[str, ...]:
        """The targets that stand alone."""
        return tuple(e.target for e in self.entries if e.target and not e.combination)

    @property
    def scenarios(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The combinations, by scenario and choice list."""
        grouped: dict[int, dict[int, list[str]]] = {}
        for entry in self.entries:
            if entry.combination:
                lists = grouped.setdefault(entry.scenario, {})
                lists.setdefault(entry.choice_list, []).append(entry.target)
        return tuple(
            tuple(tuple(codes) for _, codes in sorted(lists.items()))
            for _, lists in sorted(grouped.items())
        )


class Gem:
    """One GEM, in one direction."""

    def __init__(self, source: CodeSystem, target: CodeSystem, entries: list[GemEntry]) -> None:
        self.source = source
        self.target = target
        self.release = RELEASE
        self._entries: dict[str, list[GemEntry]] = {}
        for entry in entries:
            self._entries.setdefault(entry.source, []).append(entry)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def map(self, value: str) -> Mapped:
        """Return what a code maps to; raise UnknownCodeError where the GEM has no entry."""
        code = _NORMALISE[self.source](value)
        if code not in self._entries:
            raise UnknownCodeError(
                f"The {RELEASE} GEM from {self.source} to {self.target} has no {code!r}."
                " It is the last one published, and holds billable codes only."
            )
        return Mapped(code, tuple(self._entries[code]))


_NORMALISE: dict[CodeSystem, Callable[[str], str]] = {
    CodeSystem.ICD10CM: normalise,
    CodeSystem.ICD9CM: normalise_icd9,
}
_KINDS = {
    (CodeSystem.ICD10CM, CodeSystem.ICD9CM): "gem-icd10cm-icd9cm",
    (CodeSystem.ICD9CM, CodeSystem.ICD10CM): "gem-icd9cm-icd10cm",
}


def load_gem(source: CodeSystem, target: CodeSystem) -> Gem:
    """Return the GEM from one system to another.

    Raises:
        SettingsError: there is no GEM between the two.
        CodeSetError: the file is missing or damaged.

    """
    kind = _KINDS.get((source, target))
    if kind is None:
        known = ", ".join(f"{a} to {b}" for a, b in _KINDS)
        raise SettingsError(f"No mapping from {source} to {target}. Known: {known}.")
    return _load_gem(source, target, require(kind)[1])


@lru_cache(maxsize=2)
def _load_gem(source: CodeSystem, target: CodeSystem, path: Path) -> Gem:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))[1:]
        entries = [_entry(row, _NORMALISE[source], _NORMALISE[target]) for row in rows]
    except (OSError, ValueError, IndexError, UnicodeDecodeError) as error:
        raise CodeSetError(f"Cannot read the GEM {path}: {error}. Download it again.") from error
    return Gem(source, target, entries)


def _entry(row: list[str], source: Callable[[str], str], target: Callable[[str], str]) -> GemEntry:
    approximate, no_map, combination, scenario, choice_list = (int(flag) for flag in row[2])
    to = "" if row[1].upper() in _NO_TARGET else target(row[1])
    flags = (bool(approximate), bool(no_map), bool(combination))
    return GemEntry(source(row[0]), to, *flags, scenario, choice_list)


@lru_cache(maxsize=1)
def load_ccsr() -> dict[str, str]:
    """Return ICD-10-CM code to the CCSR's default category (before FY2026)."""
    _, path = require("ccsr")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {normalise(code): category for code, category in held.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise CodeSetError(f"Cannot read the CCSR {path}: {error}. Get it again.") from error


def ccsr_category(value: str) -> str:
    """Return a code's CCSR default category; raise UnknownCodeError where it has none."""
    code = normalise(value)
    if code not in load_ccsr():
        raise UnknownCodeError(
            f"The CCSR has no category for {code!r}: it holds billable codes up to FY2025."
        )
    return load_ccsr()[code]
