"""ICD-10-CM: one release with its hierarchy, titles, notes and seventh characters.

>>> icd10cm = load_icd10cm(service_date=date(2026, 11, 2))
>>> icd10cm.title("e119")
'Type 2 diabetes mellitus without complications'
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from cac.codes.notes import CodeNote
from cac.codes.packed import Source
from cac.codes.releases import Releases
from cac.codes.values import bare, normalise
from cac.errors import UnknownCodeError

NOTE_KINDS = ("includes", "excludes1", "excludes2", "code_first", "use_additional", "code_also")
_VALUE, _PARENT, _BELOW, _EFFECTIVE, _END, _NOTES_RELEASE, _TITLE, _NOTES = range(8)


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """A code, subcategory, category, block or chapter, with its own notes.

    ``effective`` and ``end`` are the first and last day on which the code is billable; None
    where that lies outside the known releases. ``notes_release`` is the tabular list that
    the notes are from; empty for a code newer than it, which has a title alone.
    ``seventh_characters`` are those that hold for the code, its own or inherited.
    """

    value: str
    title: str
    parent: str | None
    children: tuple[str, ...]
    billable: bool
    inclusion_terms: tuple[str, ...] = ()
    includes: tuple[CodeNote, ...] = ()
    excludes1: tuple[CodeNote, ...] = ()
    excludes2: tuple[CodeNote, ...] = ()
    code_first: tuple[CodeNote, ...] = ()
    use_additional: tuple[CodeNote, ...] = ()
    code_also: tuple[CodeNote, ...] = ()
    notes: tuple[str, ...] = ()
    seventh_characters: Mapping[str, str] = field(default_factory=dict)
    effective: date | None = None
    end: date | None = None
    notes_release: str = ""


class Icd10cm:
    """One release, read from its compiled lines; entries are made when asked for.

    Values may be given in any form that ``normalise`` knows. Iteration yields categories,
    subcategories and codes in tabular order, not chapters and blocks.
    """

    def __init__(self, text: str, releases: Releases) -> None:
        head, *self._lines = text.split("\n")
        header = json.loads(head)
        self.release: str = header["release"]
        self.tabular_release: str = header["tabular_release"]
        self.sources = tuple(Source(**source) for source in header["sources"])
        self.releases = releases
        self._row_of = {line[: line.index("\t")]: row for row, line in enumerate(self._lines)}
        self._entries: dict[str, CodeEntry] = {}
        self._titles: dict[str, str] = {}

    def __iter__(self) -> Iterator[str]:
        return (value for value in self._row_of if value[0].isalpha() and "-" not in value)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and self.is_valid(value)

    def covers(self, day: date) -> bool:
        """Tell whether this release was the one in force on ``day``."""
        return self.releases.start(self.release) <= day <= self.releases.end(self.release)

    def is_valid(self, value: str) -> bool:
        """Tell whether the release holds this category, subcategory or code."""
        found = self._key(value)
        return found in self._row_of and found[0].isalpha() and "-" not in found

    def is_billable(self, value: str) -> bool:
        """Tell whether the code is complete, so that it may stand on a claim."""
        row = self._row_of.get(self._key(value))
        return row is not None and self._lines[row].split("\t", 3)[_BELOW] == "0"

    def title(self, value: str) -> str:
        """Return the title as the tabular list has it."""
        key = self._key(value)
        if key not in self._titles:
            self._titles[key] = self._fields(key)[_TITLE]
        return self._titles[key]

    def parent(self, value: str) -> str | None:
        """Return the value one level up (block and chapter too); None for a chapter."""
        return self._fields(value)[_PARENT] or None

    def ancestors(self, value: str) -> tuple[str, ...]:
        """Return all levels up, nearest first, with block and chapter last."""
        found: list[str] = []
        above = self.parent(value)
        while above:
            found.append(above)
            above = self.parent(above)
        return tuple(found)

    def category(self, value: str) -> str:
        """Return the three-character category of a code."""
        return self._fields(value)[_VALUE][:3]

    def children(self, value: str) -> tuple[str, ...]:
        """Return the values one level down, in tabular order."""
        row, below = self._span(value)
        found: list[str] = []
        position = row + 1
        while position <= row + below:
            fields = self._lines[position].split("\t", 3)
            found.append(fields[_VALUE])
            position += 1 + int(fields[_BELOW])
        return tuple(found)

    def descendants(self, value: str) -> tuple[str, ...]:
        """Return all values below, in tabular order."""
        row, below = self._span(value)
        return tuple(line[: line.index("\t")] for line in self._lines[row + 1 : row + below + 1])

    def billable_under(self, value: str) -> tuple[str, ...]:
        """Return the billable codes at or below a value, in tabular order."""
        row, below = self._span(value)
        parts = (line.split("\t", 3) for line in self._lines[row : row + below + 1])
        return tuple(fields[_VALUE] for fields in parts if fields[_BELOW] == "0")

    @cached_property
    def chapters(self) -> tuple[str, ...]:
        """The chapters, by number."""
        return tuple(value for value in self._row_of if value.isdigit())

    def entry(self, value: str) -> CodeEntry:
        """Return all that the release says of a value.

        Raises:
            UnknownCodeError: the release does not hold it; near values are named.

        """
        key = self._key(value)
        if key not in self._entries:
            self._entries[key] = self._entry(self._fields(value))
        return self._entries[key]

    def terms(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield value, title and inclusion terms of every category, subcategory and code.

        Much faster than an entry for each.
        """
        for line in self._lines:
            fields = line.split("\t")
            if fields[_VALUE][0].isalpha() and "-" not in fields[_VALUE]:
                held = '"inclusion_terms":' in fields[_NOTES]
                terms = json.loads(fields[_NOTES])["inclusion_terms"] if held else ()
                yield fields[_VALUE], fields[_TITLE], tuple(terms)

    def notes(self, value: str) -> dict[str, tuple[tuple[str, CodeNote], ...]]:
        """Return the notes that hold for a code, by kind, each with the value it stands at.

        Those of the code itself come first, then those of each ancestor up to the chapter.
        """
        entries = [self.entry(v) for v in (self._key(value), *self.ancestors(value))]
        return {
            kind: tuple((e.value, note) for e in entries for note in getattr(e, kind))
            for kind in NOTE_KINDS
        }

    def near(self, value: str, limit: int = 5) -> tuple[str, ...]:
        """Return known values that an unknown one may be meant for."""
        plain = bare(value)
        for length in range(len(plain) - 1, 2, -1):
            if self.is_valid(plain[:length]):
                pool = (normalise(plain[:length]), *self.descendants(plain[:length]))
                return tuple(difflib.get_close_matches(normalise(value), pool, limit, 0.0))
        swapped = (plain.translate(t) for t in _LOOKALIKES)
        return tuple(dict.fromkeys(normalise(p) for p in swapped if self.is_valid(p)))[:limit]

    def _span(self, value: str) -> tuple[int, int]:
        fields = self._fields(value)
        return self._row_of[fields[_VALUE]], int(fields[_BELOW])

    def _key(self, value: str) -> str:
        """Return the canonical form; what already is one is found at once."""
        return value if value in self._row_of else normalise(value)

    def _fields(self, value: str) -> list[str]:
        row = self._row_of.get(self._key(value))
        if row is None:
            near = ", ".join(self.near(value)) or "none"
            raise UnknownCodeError(
                f"ICD-10-CM {self.release} has no {value.strip()!r}. Near: {near}."
                " Search by words: cac codes search WORDS."
            )
        return self._lines[row].split("\t")

    def _entry(self, fields: list[str]) -> CodeEntry:
        own: dict[str, list[str]] = json.loads(fields[_NOTES]) if fields[_NOTES] else {}
        value = fields[_VALUE]
        return CodeEntry(
            value=value,
            title=fields[_TITLE],
            parent=fields[_PARENT] or None,
            children=self.children(value),
            billable=fields[_BELOW] == "0",
            inclusion_terms=tuple(own.get("inclusion_terms", ())),
            notes=tuple(own.get("notes", ())),
            seventh_characters=self._seventh(value),
            effective=_date(fields[_EFFECTIVE]),
            end=_date(fields[_END]),
            notes_release=fields[_NOTES_RELEASE],
            **{kind: tuple(map(CodeNote, own.get(kind, ()))) for kind in NOTE_KINDS},
        )

    def _seventh(self, value: str) -> Mapping[str, str]:
        at: str | None = value
        while at:
            if at in self._with_seventh:
                notes = self._lines[self._row_of[at]].split("\t")[_NOTES]
                found: dict[str, str] = json.loads(notes)["seventh"]
                return found
            at = self._lines[self._row_of[at]].split("\t", 2)[_PARENT]
        return {}

    @cached_property
    def _with_seventh(self) -> frozenset[str]:
        return frozenset(line[: line.index("\t")] for line in self._lines if '"seventh":' in line)


_LOOKALIKES = tuple(
    str.maketrans(*pair) for pair in (("O", "0"), ("0", "O"), ("I", "1"), ("1", "I"), ("S", "5"))
)


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
