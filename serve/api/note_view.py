"""What is shown of a note to one person."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cac.note import Note
from cac.read import read_note as read
from serve.access.principal import Principal, Role
from serve.api.alternatives import alternatives_of
from serve.api.parts import Parts
from serve.api.states import span_record, state_record
from serve.store.answers import answer_of, with_words
from serve.store.claims import holder
from serve.store.notes import note_row, read_note
from serve.store.reviews import state_of
from serve.store.tables import NoteRow, User

_VERSIONS = ("model_version", "code_set_versions", "convention", "calibrated")
_SEES_ALL = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})


def sees_suggestions(row: NoteRow, who: Principal) -> bool:
    """Tell whether somebody may see what was suggested: of a blinded note, a coder may not."""
    return not row.blinded or who.role in _SEES_ALL


def note_record(parts: Parts, who: Principal, id_: str) -> tuple[dict[str, Any], bool]:
    """Return a note as the API answers it, and whether its suggestions are shown."""
    store = parts.store
    with store.read() as session:
        row = note_row(session, id_)
        note = read_note(session, store.secrets, id_)
        record = {
            **row_record(session, row, parts, who),
            "text": note.text,
            "sections": _sections(note),
            "state": state_record(state_of(session, store.secrets, id_), service_day(row)),
        }
        shown = sees_suggestions(row, who)
        answer = answer_of(session, id_) if shown else None
    return record | _suggestions(answer, note), shown


def row_record(session: Session, row: NoteRow, parts: Parts, who: Principal) -> dict[str, Any]:
    """Return where a note stands in the work, without a word of it."""
    held_by = holder(row, parts.store.clock(), parts.settings)
    user = session.get(User, held_by) if held_by else None
    return {
        "id": row.id,
        "note_id": row.note_id,
        "status": row.status,
        "failure": row.failure,
        "note_type": row.note_type,
        "language": row.language,
        "setting": row.setting or None,
        "service_date": row.service_date or None,
        "payer": row.payer,
        "priority": row.priority,
        "received_at": row.received_at.isoformat(),
        "n_chars": row.n_chars,
        "confidence": row.confidence,
        "version": row.version,
        "claimed_by": user.name if user else None,
        "is_mine": held_by == who.user_id,
        "blinded": row.blinded,
        "text_deleted": row.text_deleted_at is not None,
    }


def _suggestions(answer: dict[str, Any] | None, note: Note) -> dict[str, Any]:
    if answer is None:
        return {"suggestions": [], "rejected": [], "versions": {}}
    worded = with_words(answer, note.text)
    for suggestion in worded["suggestions"]:
        suggestion["alternatives"] = alternatives_of(
            suggestion["system"], suggestion["code"], note.service_date
        )
    return {
        "suggestions": worded["suggestions"],
        "rejected": worded.get("rejected", []),
        "versions": {name: answer[name] for name in _VERSIONS},
    }


def service_day(row: NoteRow) -> date | None:
    """Return the date of service."""
    return date.fromisoformat(row.service_date) if row.service_date else None


def _sections(note: Note) -> list[dict[str, Any]]:
    return [
        {
            "category": s.category,
            "title": span_record(s.title),
            "body": span_record(s.body),
        }
        for s in read(note).sections
    ]
