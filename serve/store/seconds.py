"""A note in the work list once more, for a second coder who knows nothing of the first."""

from __future__ import annotations

import json

from serve.errors import ConflictError, GoneError
from serve.store.answers import answer_row, put_row
from serve.store.ids import new_id
from serve.store.notes import NoteStatus, note_row, row_mac
from serve.store.pairs import other_review
from serve.store.store import Unit
from serve.store.tables import AnswerRow, NoteRow

_REVIEWED = (NoteStatus.READY, NoteStatus.COMPLETE)
_COPIED = (
    "text_digest n_chars note_type language setting service_date payer priority received_by"
).split()


def add_second(unit: Unit, note: str, *, by: str, blinded: bool = True) -> NoteRow:
    """Ask for a second review of a note, and return it.

    It has the answer that counts for the first, so that both coders are held against the same one,
    and no words of its own: those of the first serve both.

    Args:
        unit: From `Store.write`.
        note: The server's id of the note.
        by: Who asks.
        blinded: Without suggestions.

    Raises:
        ConflictError: there is a second review, or the note is not ready for one.
        GoneError: the words were deleted.
    """
    first = note_row(unit.session, note, lock=True)
    _check(unit, first)
    second = NoteRow(id=new_id("n"), second_of=first.id, blinded=blinded)
    for name in _COPIED:
        setattr(second, name, getattr(first, name))
    # The server's id is its name as well: the name of the first would lead to it.
    second.note_id, second.received_at = second.id, unit.now
    second.status, second.failure, second.version = NoteStatus.READY, "", 0
    # A confidence would tell of the suggestions.
    second.confidence = None if blinded else first.confidence
    unit.session.add(second)
    unit.session.flush()
    mac = row_mac(unit, second)
    unit.log("note.second", by, second.id, second_of=first.id, blinded=blinded, row_mac=mac)
    _copy_answer(unit, first, second)
    return second


def _check(unit: Unit, first: NoteRow) -> None:
    if other_review(unit.session, first):
        raise ConflictError("This note has two reviews already; a third is not kept.")
    if first.text_deleted_at:
        raise GoneError("The text of this note was deleted; nobody can review it again.")
    if first.status not in _REVIEWED:
        raise ConflictError(
            f"The note is {first.status}; a second review can be asked for once it is ready."
        )


def _copy_answer(unit: Unit, first: NoteRow, second: NoteRow) -> None:
    row = answer_row(unit.session, first.id)
    if row is None:
        return
    record = json.loads(row.record) | {"note_id": second.note_id}
    copy = AnswerRow(
        note=second.id, made_at=row.made_at, model_version=row.model_version, is_shadow=False
    )
    put_row(unit, copy, record)
