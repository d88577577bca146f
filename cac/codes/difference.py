"""What changed between two releases, and which of a user's codes it touches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cac.codes.load import load_icd10cm
from cac.codes.releases import (
    ADDED,
    DELETED,
    REVISED,
    Change,
    Releases,
    load_releases,
    reversed_change,
)
from cac.codes.validity import successors
from cac.codes.values import bare, normalise
from cac.errors import InputError

_TOKEN = re.compile(r"(?<![\w.])[A-Za-z][0-9A-Za-z]{2}(?:\.?[0-9A-Za-z]{1,4})?(?![\w.])")
_SHAPE = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?")


@dataclass(frozen=True, slots=True)
class Touched:
    """One code of the user's, the change that touches it, and what to use instead."""

    mine: str
    change: Change
    instead: tuple[str, ...] = ()


def changes_between(old: str, new: str, releases: Releases | None = None) -> tuple[Change, ...]:
    """Return the net changes from ``old`` to ``new``, each with the release that made it last.

    Backwards, the changes are reversed: what was added is deleted.
    """
    known = releases or load_releases()
    old, new = known.check(old), known.check(new)
    if known.names.index(old) > known.names.index(new):
        return tuple(reversed_change(c) for c in changes_between(new, old, known))
    net: dict[str, Change] = {}
    for change in known.changes:
        if change.release in known.after(old) and change.release not in known.after(new):
            earlier = net.pop(change.value, None)
            if joined := _joined(earlier, change):
                net[change.value] = joined
    return tuple(net[value] for value in sorted(net))


def _joined(earlier: Change | None, later: Change) -> Change | None:
    """Return two changes of one code as one, or None where they undo each other."""
    if earlier is None:
        return later
    old_title = earlier.old_title
    if old_title == later.new_title:
        return None
    kind = REVISED if old_title and later.new_title else ADDED if later.new_title else DELETED
    return Change(later.release, kind, later.value, old_title, later.new_title)


def touched(changes: Iterable[Change], mine: Iterable[str], new: str) -> tuple[Touched, ...]:
    """Return which of a user's codes the changes touch, in the order of the user's codes.

    A category of the user's is touched by every change below it; a code of theirs by its own
    change and by additions below it.
    """
    icd10cm = load_icd10cm(new)
    found: list[Touched] = []
    kept = tuple(changes)
    for code in dict.fromkeys(map(normalise, mine)):
        for change in kept:
            if bare(change.value).startswith(bare(code)):
                gone = change.kind == DELETED
                found.append(Touched(code, change, successors(change, icd10cm) if gone else ()))
    return tuple(found)


def read_codes(path: Path) -> tuple[str, ...]:
    """Return the ICD-10-CM codes in a text or CSV file, in order, once each.

    Raises:
        InputError: the file cannot be read or names no code.

    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read codes from {path}: {error}. Give UTF-8 text.") from error
    found = dict.fromkeys(normalise(match[0]) for match in _TOKEN.finditer(text))
    codes = tuple(code for code in found if _SHAPE.fullmatch(code) or _is_known(code))
    if not codes:
        raise InputError(f"No ICD-10-CM code in {path}. Give one a line, as E11.9 or E119.")
    return codes


def _is_known(code: str) -> bool:
    return load_icd10cm().is_valid(code) or bool(load_releases().history(code))
