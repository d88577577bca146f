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
from serve.errors import ForbiddenError
from serve.store.answers import answer_of, with_words
from serve.store.claims import holder
from serve.store.notes import note_row, read_note
from serve.store.pairs import is_barred, is_hidden
from serve.store.reviews import state_of
from serve.store.tables import NoteRow, User

_VERSIONS = ("model_version", "code_set_versions", "convention", "calibrated")
_SEES_ALL = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})


def sees_suggestions(row: NoteRow, who: Principal) -> bool:
    """Tell whether somebody may see what was suggested: who codes a blinded note may not."""
    return not row.blinded or (audits(who) and row.claimed_by != who.user_id)


def audits(who: Principal) -> bool:
    """Tell whether somebody sees both reviews of a note, and that they belong together."""
    return who.role in _SEES_ALL


def hides(session: Session, row: NoteRow, who: Principal) -> bool:
    """Tell whether a review is hidden from somebody, since the note has another."""
    return is_hidden(session, row, who.user_id, sees_all=audits(who))


def shown_row(session: Session, id_: str, who: Principal) -> NoteRow:
    """Return a note whose review somebody may see; raise ForbiddenError where it is hidden."""
    row = note_row(session, id_)
    if hides(session, row, who):
        raise ForbiddenError("This note is reviewed twice; this review is its coder's to see.")
    return row


def note_record(parts: Parts, who: Principal, id_: str) -> tuple[dict[str, Any], bool]:
    """Return a note as the API answers it, and whether its suggestions are shown."""
    store = parts.store
    with store.read() as session:
        row = shown_row(session, id_, who)
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
    hidden = hides(session, row, who)
    held_by = None if hidden else holder(row, parts.store.clock(), parts.settings)
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
        "confidence": None if hidden else row.confidence,
        "version": 0 if hidden else row.version,
        "claimed_by": user.name if user else None,
        "is_mine": held_by == who.user_id,
        "blinded": row.blinded,
        "second_of": row.second_of if audits(who) and not hidden else None,
        "barred": is_barred(session, row, who.user_id),
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
