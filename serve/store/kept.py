"""What the log binds of a row: its place, and all of it that never changes."""

from __future__ import annotations

from datetime import UTC, datetime

from serve.log.chain import canonical
from serve.store.tables import AnswerRow, NoteRow, TextRow

_OF_A_NOTE = (
    "note_id text_digest n_chars note_type language setting service_date payer priority blinded "
    "received_by job_id second_of"
).split()


def instant(time: datetime | None) -> str:
    """Return a time as the log keeps it: ISO 8601 in UTC, with microseconds; "" for none."""
    return time.astimezone(UTC).isoformat(timespec="microseconds") if time else ""


def text_place(row: TextRow) -> str:
    """Return where words belong; they are sealed for it as well."""
    return f"{row.note}/{row.kind}/{row.id}"


def note_place(row: NoteRow) -> str:
    """Return where the particulars of a note belong."""
    return f"note/{row.id}"


def note_kept(row: NoteRow) -> str:
    """Return the particulars with which a note was received."""
    return canonical([instant(row.received_at), *(getattr(row, name) for name in _OF_A_NOTE)])


def answer_place(row: AnswerRow) -> str:
    """Return where an answer belongs."""
    return f"answer/{row.note}/{row.id}"


def answer_kept(row: AnswerRow) -> str:
    """Return all of an answer."""
    return canonical([instant(row.made_at), row.model_version, row.is_shadow, row.record])
