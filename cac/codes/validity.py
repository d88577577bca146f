"""Is a code valid on a date of service; if not, since or until when, and what to use instead."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date, timedelta

from cac.codes.icd10cm import Icd10cm
from cac.codes.load import load_icd10cm
from cac.codes.releases import ADDED, DELETED, Change, Releases, load_releases
from cac.codes.values import bare, normalise

_N_NAMED = 12
FIRST_DAY = date(2015, 10, 1)


@dataclass(frozen=True, slots=True)
class Validity:
    """The answer for one code on one day.

    ``status`` is ``billable``, ``incomplete`` (more characters are needed), ``deleted``,
    ``not-yet`` or ``unknown``; ``instead`` are the codes to choose from.
    """

    value: str
    day: date
    release: str
    status: str
    message: str
    title: str = ""
    instead: tuple[str, ...] = ()

    @property
    def is_billable(self) -> bool:
        """Tell whether the code may stand on a claim of that day."""
        return self.status == "billable"


def check_validity(value: str, day: date, releases: Releases | None = None) -> Validity:
    """Return whether an ICD-10-CM code is valid on a date of service."""
    icd10cm = load_icd10cm(service_date=day)
    known = releases or load_releases()
    code = normalise(value)
    if day < FIRST_DAY:
        message = f"ICD-10-CM is in force since {FIRST_DAY}; on {day} ICD-9-CM was."
        return Validity(code, day, icd10cm.release, "not-yet", message)
    if icd10cm.is_valid(code):
        return _known(icd10cm, code, day)
    for change in known.history(code):
        if change.kind == DELETED and known.start(change.release) <= day:
            return _deleted(icd10cm, change, day, known)
        if change.kind == ADDED and known.start(change.release) > day:
            return _not_yet(icd10cm, change, day, known)
    near = icd10cm.near(code)
    message = f"ICD-10-CM {icd10cm.release} has no {code!r}."
    message += f" Near: {', '.join(near)}." if near else " Nothing is near; search by words."
    return Validity(
        code, day, icd10cm.release, "unknown", message + _edition(icd10cm, day), "", near
    )


def successors(change: Change, icd10cm: Icd10cm) -> tuple[str, ...]:
    """Return the billable codes that take the place of a deleted one.

    Codes below the deleted one come first; else those that the same release added nearest to
    it, of the same seventh character, by likeness of title.
    """
    if icd10cm.is_valid(change.value):
        return icd10cm.billable_under(change.value)
    base, seventh = _base(change.value)
    for length in range(len(base), 2, -1):
        added = [
            c
            for c in icd10cm.releases.of(change.release)
            if c.kind == ADDED
            and bare(c.value).startswith(base[:length])
            and _base(c.value)[1] == seventh
            and icd10cm.is_billable(c.value)
        ]
        if added:
            return tuple(c.value for c in _alike(change, added) if length < len(base)) or tuple(
                c.value for c in added
            )
    return ()


def _alike(change: Change, added: list[Change]) -> list[Change]:
    """Keep the added codes of the best likeness of title and those close to it."""
    ratio = {
        c.value: difflib.SequenceMatcher(None, change.old_title, c.new_title).ratio() for c in added
    }
    best = max(ratio.values())
    return [c for c in added if ratio[c.value] >= max(0.9 * best, 0.5)]


def _base(value: str) -> tuple[str, str]:
    """Return a value without seventh character and placeholders, and that character."""
    plain = bare(value)
    return (plain[:6].rstrip("X"), plain[6]) if len(plain) == 7 else (plain, "")


def _known(icd10cm: Icd10cm, code: str, day: date) -> Validity:
    title, release = icd10cm.title(code), icd10cm.release
    if icd10cm.is_billable(code):
        message = f"{code} is valid and billable on {day}."
        return Validity(code, day, release, "billable", message + _edition(icd10cm, day), title)
    below = icd10cm.billable_under(code)
    shown = ", ".join(below[:_N_NAMED]) + (", ..." if len(below) > _N_NAMED else "")
    message = f"{code} is incomplete: choose one of the {len(below)} codes below it ({shown})."
    for change in icd10cm.releases.history(code):
        if change.kind == DELETED and icd10cm.releases.start(change.release) <= day:
            last = icd10cm.releases.start(change.release) - timedelta(days=1)
            message += f" It was billable until {last}."
    message += _edition(icd10cm, day)
    return Validity(code, day, release, "incomplete", message, title, below)


def _deleted(icd10cm: Icd10cm, change: Change, day: date, releases: Releases) -> Validity:
    last = releases.start(change.release) - timedelta(days=1)
    instead = successors(change, icd10cm)
    message = f"{change.value} was valid until {last}; FY{change.release} deleted it."
    if instead:
        message += f" Choose from: {', '.join(instead[:_N_NAMED])}."
    else:
        message += " No successor follows from the hierarchy: search by words."
    code, release = change.value, icd10cm.release
    return Validity(code, day, release, "deleted", message, change.old_title, instead)


def _not_yet(icd10cm: Icd10cm, change: Change, day: date, releases: Releases) -> Validity:
    first = releases.start(change.release)
    instead = _predecessors(icd10cm, change.value)
    message = f"{change.value} is valid since {first}, not on {day}."
    if instead:
        message += f" Before: {', '.join(instead[:_N_NAMED])}."
    code, release = change.value, icd10cm.release
    return Validity(code, day, release, "not-yet", message, change.new_title, instead)


def _predecessors(icd10cm: Icd10cm, code: str) -> tuple[str, ...]:
    plain = bare(code)
    for length in range(len(plain) - 1, 2, -1):
        if icd10cm.is_valid(plain[:length]):
            return icd10cm.billable_under(plain[:length])
    return ()


def _edition(icd10cm: Icd10cm, day: date) -> str:
    if icd10cm.covers(day):
        return ""
    return f" (No release for {day} is known; judged by FY{icd10cm.release}.)"
