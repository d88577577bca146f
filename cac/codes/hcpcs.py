"""HCPCS Level II by quarter: the alphanumeric codes and modifiers of CMS.

Two layouts are read: this project's CSV, and the publisher's fixed-width ANWEB text. A long
description runs over several records, joined in the order of their sequence numbers. Codes
that begin with a digit are CPT's and those with D are the ADA's: both are left out.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from cac.codes.library import files_of, require
from cac.codes.values import bare
from cac.errors import CodeSetError, UnknownCodeError

_FIRST = {"3": False, "7": True}  # record id of a first line: is it a modifier's
_NEXT = ("4", "8")
_ANWEB = {
    "code": slice(0, 5),
    "seq": slice(5, 10),
    "record_id": slice(10, 11),
    "long_description": slice(11, 91),
    "short_description": slice(91, 119),
    "code_added": slice(268, 276),
    "action_effective": slice(276, 284),
    "termination": slice(284, 292),
}
"""Columns of the publisher's text, half-open, counted from 0."""


@dataclass(frozen=True, slots=True)
class HcpcsEntry:
    """A code or modifier with its days; ``termination`` is the last day, or None."""

    value: str
    description: str
    short_description: str
    is_modifier: bool
    added: date | None
    effective: date | None
    termination: date | None

    def is_valid(self, day: date) -> bool:
        """Tell whether the code holds on a day."""
        begun = self.added is None or self.added <= day
        return begun and (self.termination is None or day <= self.termination)


class Hcpcs:
    """One quarter's codes."""

    def __init__(self, release: str, entries: Iterable[HcpcsEntry]) -> None:
        self.release = release
        self._entries = {entry.value: entry for entry in entries}

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and bare(value) in self._entries

    def entry(self, value: str) -> HcpcsEntry:
        """Return a code's entry; raise UnknownCodeError where the quarter has none."""
        code = bare(value)
        if code in self._entries:
            return self._entries[code]
        near = [known for known in self._entries if known[:4] == code[:4] and len(code) == 5]
        raise UnknownCodeError(
            f"HCPCS Level II {self.release} has no {code!r}. Near: {', '.join(near[:8]) or 'none'}."
        )

    def is_valid(self, value: str, day: date) -> bool:
        """Tell whether a code is known and holds on a day."""
        return value in self and self.entry(value).is_valid(day)


def load_hcpcs(release: str | None = None, service_date: date | None = None) -> Hcpcs:
    """Return a quarter (``"2026Q3"``) by name, by date of service, or the newest.

    A date outside the quarters at hand gives the nearest one.
    """
    if service_date:
        wanted = f"{service_date.year}Q{(service_date.month + 2) // 3}"
        known = list(files_of("hcpcs"))
        release = max((r for r in known if r <= wanted), default=known[0] if known else wanted)
    return _load(*require("hcpcs", release.upper() if release else None))


@lru_cache(maxsize=4)
def _load(release: str, path: Path) -> Hcpcs:
    return Hcpcs(release, read_hcpcs(path))


def read_hcpcs(path: Path) -> list[HcpcsEntry]:
    """Read a quarter's file.

    Raises:
        CodeSetError: the file is damaged or of another layout.

    """
    try:
        records = list(_csv(path) if path.name.endswith(".csv.gz") else _anweb(path))
        return list(_joined(records))
    except (OSError, EOFError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise CodeSetError(
            f"Cannot read the HCPCS file {path}: {error!r}. Allowed are the publisher's ANWEB"
            " text and code,seq,record_id,... as csv.gz. Download it again."
        ) from error


def _csv(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rb") as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        yield from csv.DictReader(text)


def _anweb(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.strip():
            yield {name: line[place].strip() for name, place in _ANWEB.items()}


def _joined(records: list[dict[str, str]]) -> Iterator[HcpcsEntry]:
    groups: list[list[dict[str, str]]] = []
    for record in records:
        code = record["code"]
        if record["record_id"] in _FIRST and not (code[0] in "0123456789D" and len(code) == 5):
            groups.append([record])
        elif record["record_id"] in _NEXT and groups and groups[-1][0]["code"] == code:
            groups[-1].append(record)
    if not groups:
        raise ValueError("no code record in it")
    for group in groups:
        yield _entry(sorted(group, key=lambda record: record["seq"]))


def _entry(group: list[dict[str, str]]) -> HcpcsEntry:
    first = group[0]
    return HcpcsEntry(
        value=first["code"],
        description=" ".join(" ".join(r["long_description"] for r in group).split()),
        short_description=first["short_description"],
        is_modifier=_FIRST[first["record_id"]],
        added=_day(first["code_added"]),
        effective=_day(first["action_effective"]),
        termination=_day(first["termination"]),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
