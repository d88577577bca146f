"""Notes that wait for a model, for a coder, or are done."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.note import Note, Setting
from serve.errors import ConflictError, DecisionError, GoneError, NotFoundError
from serve.secrets import Secrets, keyed_digest
from serve.store.ids import new_id
from serve.store.kept import note_kept, note_place
from serve.store.pairs import other_review
from serve.store.site import Name, in_force
from serve.store.store import Unit
from serve.store.tables import NoteRow
from serve.store.texts import forget_words, note_words, put_text

MAX_ID = 200


class NoteStatus(StrEnum):
    """Where a note stands in the work."""

    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


def add_note(
    unit: Unit,
    note: Note,
    *,
    by: str,
    priority: int = 0,
    payer: str = "",
    job_id: str | None = None,
) -> NoteRow:
    """Queue a note; the same note sent twice is one note.

    Raises:
        ConflictError: another text was sent under this id.
        DecisionError: an id or the text that cannot be stored.
    """
    _check(note, payer)
    digest = keyed_digest(unit.secrets, note.text)
    query = select(NoteRow).where(NoteRow.note_id == note.note_id)
    if known := unit.session.scalars(query).one_or_none():
        if known.text_digest != digest:
            raise ConflictError("Another text was sent under this note_id; give it a new one.")
        return known
    row = _row(unit, note, digest)
    row.received_by, row.priority, row.payer, row.job_id = by, priority, payer, job_id
    unit.session.add(row)
    unit.session.flush()
    words = {"text": note.text, "patient_id": note.patient_id, "encounter_id": note.encounter_id}
    kept = put_text(unit, row.id, "note", words)
    unit.log(
        "note.received", by, row.id, external_id=note.note_id, n_chars=len(note.text),
        text=kept.id, text_mac=kept.mac, row_mac=row_mac(unit, row),
    )  # fmt: skip
    return row


def row_mac(unit: Unit, row: NoteRow) -> str:
    """Return what binds the particulars of a note to the log."""
    return unit.bind(note_place(row), note_kept(row))


def note_row(session: Session, note: str, *, lock: bool = False) -> NoteRow:
    """Return a note without its words; raise NotFoundError without one."""
    row = (
        session.get(NoteRow, note, with_for_update=True if lock else None) if _sane(note) else None
    )
    if row is None:
        raise NotFoundError("There is no note of this id.")
    return row


def named(session: Session, note_id: str) -> NoteRow:
    """Return the note that was sent under an id; raise NotFoundError without one."""
    query = select(NoteRow).where(NoteRow.note_id == note_id)
    row = session.scalars(query).one_or_none() if _sane(note_id) else None
    if row is None:
        raise NotFoundError("There is no note of this id.")
    return row


def read_note(session: Session, secrets: Secrets, note: str) -> Note:
    """Return a note with its words; raise GoneError where they were deleted."""
    row = note_row(session, note)
    words = note_words(session, secrets, row.second_of or note)
    if words is None:
        raise GoneError("The text of this note was deleted; its history stands.")
    return Note(
        row.note_id,
        words["text"],
        note_type=row.note_type,
        language=row.language,
        patient_id=words["patient_id"],
        encounter_id=words["encounter_id"],
        setting=Setting(row.setting) if row.setting else None,
        service_date=date.fromisoformat(row.service_date) if row.service_date else None,
    )


def log_view(unit: Unit, note: str, *, by: str, suggestions: bool) -> None:
    """Keep that somebody saw a note, and whether with its suggestions."""
    unit.log("note.viewed", by, note_row(unit.session, note).id, suggestions=suggestions)


def delete_text(unit: Unit, note: str, *, by: str, why: str = "request") -> None:
    """Delete the words of a note and of its comments; ids, offsets, codes and the log stay.

    Of a note that is reviewed twice, the words of both reviews go.
    """
    row = note_row(unit.session, note, lock=True)
    if row.text_deleted_at:
        return
    other = other_review(unit.session, row)
    for each in (row, note_row(unit.session, other, lock=True)) if other else (row,):
        forget_words(unit, each.id)
        each.text_deleted_at = unit.now
        if each.status == NoteStatus.QUEUED:
            each.status = NoteStatus.CANCELLED
        unit.log("note.text_deleted", by, each.id, why=why)


def delete_expired(unit: Unit, *, by: str, limit: int = 500) -> int:
    """Delete the words of notes whose time of retention is over; return of how many."""
    days = unit.settings.retention_days
    if not days:
        return 0
    query = select(NoteRow.id).where(
        NoteRow.completed_at < unit.now - timedelta(days=days), NoteRow.text_deleted_at.is_(None)
    )
    expired = list(unit.session.scalars(query.limit(limit)))
    for id_ in expired:
        delete_text(unit, id_, by=by, why="retention")
    return len(expired)


def _row(unit: Unit, note: Note, digest: str) -> NoteRow:
    return NoteRow(
        id=new_id("n"),
        note_id=note.note_id,
        text_digest=digest,
        n_chars=len(note.text),
        note_type=note.note_type,
        language=note.language,
        setting=note.setting.value if note.setting else "",
        service_date=note.service_date.isoformat() if note.service_date else "",
        blinded=_is_blinded(unit, note.note_id),
        received_at=unit.now,
        status=NoteStatus.QUEUED,
        failure="",
        version=0,
    )


def _is_blinded(unit: Unit, note_id: str) -> bool:
    """Draw a note by its id under the session key: nobody can choose, and it is repeatable."""
    _, key = unit.secrets.session.newest
    drawn = hmac.new(key, f"blinded:{note_id}".encode(), hashlib.sha256).digest()
    share: float = in_force(unit.session, unit.settings, Name.BLINDED_SHARE).value
    return int.from_bytes(drawn[:8]) / 2**64 < share


def _check(note: Note, payer: str) -> None:
    for name, value in (("note_id", note.note_id), ("payer", payer), ("type", note.note_type)):
        if len(value) > MAX_ID or (value and not value.isprintable()):
            raise DecisionError(f"{name} has at most {MAX_ID} characters, all printable.")
    if not note.note_id:
        raise DecisionError("note_id is empty.")
    try:
        note.text.encode()
    except UnicodeEncodeError as error:
        raise DecisionError(
            f"The text has a lone surrogate at character {error.start}; send valid Unicode."
        ) from None


def _sane(note: str) -> bool:
    return note.isprintable() and len(note) <= MAX_ID
