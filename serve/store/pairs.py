"""The two reviews of one note, and who is kept from the other one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.store.tables import LogRow, NoteRow

_WORK = ("note.claimed", "decision")
_SIGHT = ("note.viewed", "note.exported")


def other_review(session: Session, row: NoteRow) -> str | None:
    """Return the id of the note's other review; None where it is reviewed once."""
    if row.second_of:
        return row.second_of
    query = select(NoteRow.id).where(NoteRow.second_of == row.id)
    return session.scalars(query).one_or_none()


def is_barred(session: Session, row: NoteRow, user: str) -> bool:
    """Tell whether a user may not review a note: they worked on its other review, or saw it."""
    other = other_review(session, row)
    return bool(other) and _has_met(session, other, user, (*_WORK, *_SIGHT))


def is_hidden(session: Session, row: NoteRow, user: str, *, sees_all: bool) -> bool:
    """Tell whether a review is hidden from a user, as one that could influence another.

    Each of two reviews is shown to who works on it. ``sees_all`` is for auditors and
    administrators: they see both, unless they work on the other one.
    """
    other = other_review(session, row)
    if other is None or _has_met(session, row.id, user, _WORK):
        return False
    return not sees_all or _has_met(session, other, user, _WORK)


def _has_met(session: Session, note: str | None, user: str, kinds: tuple[str, ...]) -> bool:
    """Look into the log; the row knows of a claim whose entry is not yet written."""
    held = select(NoteRow.id).where(NoteRow.id == note, NoteRow.claimed_by == user)
    logged = select(LogRow.seq).where(
        LogRow.note_id == note, LogRow.user_id == user, LogRow.kind.in_(kinds)
    )
    found = session.scalars(held).first() or session.scalars(logged.limit(1)).first()
    return found is not None
