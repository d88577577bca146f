"""Releases of ICD-10-CM: when each holds, and what changed from one to the next.

Fiscal year Y begins on 1 October of Y-1; an April update has its own release ``Y-04``. The
shipped changes run from FY2024 to FY2027 (the April updates of FY2024 to FY2026 changed
nothing). Releases that the user imports are added to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from cac.codes.library import imported_folder
from cac.codes.packed import shipped, unpack
from cac.codes.values import normalise
from cac.errors import CodeSetError

FIRST_RELEASE = "2024"
ADDED, DELETED, REVISED = "added", "deleted", "revised"


@dataclass(frozen=True, slots=True)
class Change:
    """One code added, deleted or given another title by ``release``."""

    release: str
    kind: str
    value: str
    old_title: str
    new_title: str


@dataclass(frozen=True, slots=True)
class Releases:
    """The known releases in order of time, with the changes that each one brought."""

    names: tuple[str, ...]
    changes: tuple[Change, ...]

    def __hash__(self) -> int:
        """Hash the names alone: a release is looked up for each note, and changes are many."""
        return hash(self.names)

    @property
    def newest(self) -> str:
        """The newest release known."""
        return self.names[-1]

    def start(self, release: str) -> date:
        """Return the first day on which ``release`` holds."""
        return release_start(self.check(release))

    def end(self, release: str) -> date:
        """Return the last day on which ``release`` holds: the next one's eve."""
        later = self.names[self.names.index(self.check(release)) + 1 :]
        if later:
            return release_start(later[0]) - timedelta(days=1)
        year = int(release[:4])
        return date(year, 9, 30)

    def at(self, day: date) -> str:
        """Return the release for a date of service; the nearest known outside their span."""
        held = [name for name in self.names if release_start(name) <= day]
        return held[-1] if held else self.names[0]

    def covers(self, day: date) -> bool:
        """Tell whether a known release was in force on ``day``."""
        return self.start(self.names[0]) <= day <= self.end(self.newest)

    def check(self, release: str) -> str:
        """Return ``release`` (``"FY2026"`` too) if it is known; raise CodeSetError otherwise."""
        name = release.upper().removeprefix("FY")
        if name in self.names:
            return name
        raise CodeSetError(
            f"Unknown ICD-10-CM release {release!r}. Known: {', '.join(self.names)}."
            " Others: cac codes import FILE --release NAME."
        )

    def after(self, release: str) -> tuple[str, ...]:
        """Return the releases later than ``release``."""
        return self.names[self.names.index(self.check(release)) + 1 :]

    def of(self, release: str) -> tuple[Change, ...]:
        """Return the changes that ``release`` brought."""
        return tuple(change for change in self.changes if change.release == release)

    def history(self, value: str) -> tuple[Change, ...]:
        """Return the changes to one code in order of time."""
        wanted = normalise(value)
        return tuple(change for change in self.changes if change.value == wanted)


def release_start(release: str) -> date:
    """Return the first day of a release named ``2027`` or ``2027-04``."""
    year, _, month = release.partition("-")
    if not (year.isdigit() and len(year) == 4 and (month.isdigit() or not month)):
        raise CodeSetError(f"Unknown release name {release!r}. Allowed: 2027, FY2027, 2027-04.")
    return date(int(year), int(month), 1) if month else date(int(year) - 1, 10, 1)


def load_releases() -> Releases:
    """Return the releases that ship with the package, and those that the user imported."""
    imported = sorted(imported_folder().glob("icd10cm_changes_*.gz"))
    return _load(tuple((path, path.stat().st_mtime_ns) for path in imported))


@lru_cache(maxsize=1)
def _load(imported: tuple[tuple[Path, int], ...]) -> Releases:
    held = [shipped("icd10cm_changes")]
    held += [unpack(path.read_bytes(), str(path)) for path, _ in imported]
    rows = (row for packed in held for row in packed.rows)
    known = releases_of(Change(r, k, normalise(v), o, n) for r, k, v, o, n in rows)
    names = {*known.names, *(packed.release for packed in held)}
    return Releases(tuple(sorted(names, key=release_start)), known.changes)


def releases_of(changes: Iterable[Change]) -> Releases:
    """Put changes in order of time and name the releases that they span."""
    kept = tuple(sorted(changes, key=lambda c: (release_start(c.release), c.value, c.kind)))
    names = {FIRST_RELEASE, *(change.release for change in kept)}
    return Releases(tuple(sorted(names, key=release_start)), kept)


def compare(release: str, old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    """Return what ``release`` changed, from the billable codes and titles of two releases."""
    values = sorted(set(old) | set(new))
    found = (_compared(release, value, old.get(value), new.get(value)) for value in values)
    return tuple(change for change in found if change)


def _compared(release: str, value: str, old: str | None, new: str | None) -> Change | None:
    if old is None:
        return Change(release, ADDED, value, "", new or "")
    if new is None:
        return Change(release, DELETED, value, old, "")
    return Change(release, REVISED, value, old, new) if old != new else None


def reversed_change(change: Change) -> Change:
    """Return the change that undoes one."""
    kind = {ADDED: DELETED, DELETED: ADDED, REVISED: REVISED}[change.kind]
    return Change(change.release, kind, change.value, change.new_title, change.old_title)
