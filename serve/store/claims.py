"""Who works on a note: one coder at a time, until it is released or left idle."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from serve.errors import ConflictError
from serve.settings import Settings
from serve.store.notes import NoteStatus, note_row
from serve.store.pairs import is_barred
from serve.store.store import Unit
from serve.store.tables import NoteRow

_CLAIMABLE = (NoteStatus.READY, NoteStatus.COMPLETE)


def claim(unit: Unit, note: str, *, by: str) -> NoteRow:
    """Take a note, or go on with it; raise ConflictError where another holds it.

    Neither may who knows the other of two reviews of it.
    """
    row = note_row(unit.session, note, lock=True)
    if row.status not in _CLAIMABLE:
        raise ConflictError(f"The note is {row.status}; it can be claimed once it is ready.")
    before = row.claimed_by
    if before != by:
        refuse_barred(unit.session, row, by)
        if before and not has_expired(row, unit.now, unit.settings):
            raise ConflictError("Another coder holds this note; it is free when released or idle.")
        row.claimed_by, row.claimed_at = by, unit.now
        unit.log("note.claimed", by, note, expired=before)
    row.claim_seen_at = unit.now
    return row


def refuse_barred(session: Session, row: NoteRow, user: str) -> None:
    """Raise ConflictError where a user knows the other of two reviews of a note."""
    if is_barred(session, row, user):
        raise ConflictError(
            "You worked on the other review of this note, or saw it: someone else reviews this."
        )


def release(unit: Unit, note: str, *, by: str, force: bool = False) -> None:
    """Give a note back; ``force`` takes it from whoever holds it."""
    row = note_row(unit.session, note, lock=True)
    if row.claimed_by is None:
        return
    if row.claimed_by != by and not force:
        raise ConflictError("Another coder holds this note; an administrator can release it.")
    unit.log("note.released", by, note, held_by=row.claimed_by)
    row.claimed_by = row.claimed_at = row.claim_seen_at = None


def holder(row: NoteRow, now: datetime, settings: Settings) -> str | None:
    """Return the id of who holds a note now."""
    return None if has_expired(row, now, settings) else row.claimed_by


def has_expired(row: NoteRow, now: datetime, settings: Settings) -> bool:
    """Tell whether a claim has been idle for too long; a clock gone back ends it as well."""
    if row.claim_seen_at is None:
        return True
    life = timedelta(minutes=settings.claim_minutes)
    return not -life <= now - row.claim_seen_at <= life
