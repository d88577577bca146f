"""Whether a log is whole: each row as it was signed, in its order, down to its last known end."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from serve.log.chain import START, Link, mac_of
from serve.secrets import KeyRing

# Clocks are set right by a little all the time.
_SET_RIGHT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log at some time, kept elsewhere: the last row's number and signature."""

    seq: int
    mac: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Rows ``first`` to ``last`` are not what was written; ``what`` says how."""

    first: int
    last: int
    what: str

    def __str__(self) -> str:
        rows = f"row {self.first}" if self.first == self.last else f"rows {self.first}-{self.last}"
        return f"{rows}: {self.what}"


CHANGED = "not as signed: changed, inserted, or moved from another place"
MISSING = "missing: removed"
CUT = "missing at the end: the log was cut short"
REWRITTEN = "not the row that was exported as head: the log was written anew"
NO_KEY = "signed with a key that is not in log.keys"
MISPLACED = "numbered as no row that follows the one before: inserted, or out of order"


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found; ``remarks`` are no faults."""

    n_rows: int
    head: Head
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


def verify(links: Iterable[Link], ring: KeyRing, heads: Iterable[Head] = ()) -> Report:
    """Check a log from its first row to its last.

    A row that follows missing ones can be held against the one before it only where that one was
    kept as a head; else a remark says that it could not be checked.

    Args:
        links: The rows by their numbers.
        ring: The keys of ``log.keys``.
        heads: Ends that were exported; without them a log that was cut short looks whole.
    """
    known = _by_number(heads)
    reading = _Reading(ring, {seq: {h.mac for h in same} for seq, same in known.items()})
    for link in links:
        reading.take(link)
    end = max(known, default=0)
    if end > reading.seq:
        reading.faults.append(Fault(reading.seq + 1, end, CUT))
    return Report(
        reading.n_rows,
        Head(reading.seq, reading.mac),
        tuple(_joined(reading.faults)),
        tuple(reading.remarks),
    )


class _Reading:
    """One pass over the rows."""

    def __init__(self, ring: KeyRing, heads: dict[int, set[str]]) -> None:
        self._ring = ring
        self._heads = heads
        self._at = ""
        self.n_rows = 0
        self.seq, self.mac = 0, START
        self.faults: list[Fault] = []
        self.remarks: list[str] = []

    def take(self, link: Link) -> None:
        self.n_rows += 1
        if link.seq <= self.seq:
            self.faults.append(Fault(link.seq, link.seq, MISPLACED))
            return
        before = {self.mac}
        if link.seq > self.seq + 1:
            self.faults.append(Fault(self.seq + 1, link.seq - 1, MISSING))
            before = self._heads.get(link.seq - 1, set())
        if what := self._wrong(link, before):
            self.faults.append(Fault(link.seq, link.seq, what))
        if self._heads.get(link.seq, {link.mac}) != {link.mac}:
            self.faults.append(Fault(link.seq, link.seq, REWRITTEN))
        self._watch_clock(link)
        self.seq, self.mac = link.seq, link.mac

    def _wrong(self, link: Link, before: Collection[str]) -> str:
        key = self._ring.keys.get(link.key_id)
        if key is None:
            return NO_KEY
        if not before:
            self.remarks.append(f"row {link.seq}: could not be checked, the one before is missing")
            return ""
        return "" if any(_is_signed(key, each, link) for each in before) else CHANGED

    def _watch_clock(self, link: Link) -> None:
        try:
            back = bool(self._at) and _time(self._at) - _time(link.at) > _SET_RIGHT
        except (ValueError, TypeError):  # It is not as signed, and named as that.
            return
        if back:
            self.remarks.append(f"row {link.seq}: the clock went back from {self._at} to {link.at}")
        self._at = link.at


def _is_signed(key: bytes, before: str, link: Link) -> bool:
    try:
        return hmac.compare_digest(mac_of(key, before, link).encode(), link.mac.encode())
    except (ValueError, TypeError, AttributeError):
        # SQLite takes anything into any column: what cannot be signed was not.
        return False


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at)


def _by_number(heads: Iterable[Head]) -> dict[int, list[Head]]:
    known: dict[int, list[Head]] = {}
    for head in heads:
        if head.seq:
            known.setdefault(head.seq, []).append(head)
    return known


def _joined(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Join neighbours with the same fault."""
    before: Fault | None = None
    for fault in faults:
        if before and before.what == fault.what and before.last + 1 == fault.first:
            before = Fault(before.first, fault.last, fault.what)
            continue
        if before:
            yield before
        before = fault
    if before:
        yield before
