"""``/v1/notes``: queued for review, and read again with what was suggested and decided."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from serve.access.principal import Principal, Role
from serve.api.fields import EXAMPLE, Id, Label, NoteIn, with_example
from serve.api.note_view import note_record
from serve.api.parts import Administering, GivenParts, IdempotencyKey, Parts, Reading, Writing
from serve.api.records import json_response, problems
from serve.api.suggest import require_length
from serve.errors import ConflictError
from serve.store import Unit
from serve.store.claims import holder, refuse_barred
from serve.store.idempotency import once
from serve.store.notes import NoteStatus, add_note, delete_text, log_view, note_row

router = APIRouter(prefix="/v1/notes", tags=["notes"])


class QueuedNoteIn(NoteIn):
    """A note for review."""

    model_config = with_example(EXAMPLE | {"priority": 5, "payer": "Medicare"})

    priority: int = Field(0, ge=0, le=9, description="9 comes first")
    payer: Label = Field("", examples=["Medicare"])
    patient_id: Id | None = None
    encounter_id: Id | None = None

    def put(self, unit: Unit, *, by: str, job_id: str | None = None) -> dict[str, Any]:
        """Queue the note, and return what is answered."""
        note = self.note(patient_id=self.patient_id or "", encounter_id=self.encounter_id or "")
        row = add_note(unit, note, by=by, priority=self.priority, payer=self.payer, job_id=job_id)
        return {"id": row.id, "note_id": row.note_id, "status": row.status}


class NoteQueuedOut(BaseModel):
    """Where the note is to be found."""

    id: str
    note_id: str
    status: NoteStatus


@router.post(
    "",
    status_code=202,
    summary="Queue a note for review",
    response_model=None,
    responses={202: {"model": NoteQueuedOut}, **problems(409, 503)},
)
def queue_note(
    sent: QueuedNoteIn, parts: GivenParts, who: Writing, key: IdempotencyKey = None
) -> Response:
    """Keep the note on disk and answer; it is suggested for in the background.

    The same note sent twice is one note; another text under its id is refused.
    """
    require_length([sent], parts.settings)
    asked = ["notes", sent.model_dump(mode="json")]
    answer, _ = parts.store.write(
        lambda unit: once(unit, who.user_id, key, asked, lambda: sent.put(unit, by=who.user_id))
    )
    parts.background.wake()
    response = json_response(answer, 202)
    response.headers["Location"] = f"/v1/notes/{answer['id']}"
    return response


@router.get(
    "/{id}",
    summary="A note with what is suggested and decided",
    response_model=None,
    responses=problems(404, 409, 410, 503),
)
def read_note(id: str, parts: GivenParts, who: Reading) -> Response:  # noqa: A002
    """Answer the text, its sections, the suggestions with alternatives, and the review's state.

    A coder claims the note first. That somebody saw it is kept in the log.
    """
    _require_claim(parts, who, id)
    record, shown = note_record(parts, who, id)
    parts.store.write(lambda unit: log_view(unit, id, by=who.user_id, suggestions=shown))
    return json_response(record)


@router.delete(
    "/{id}/text",
    status_code=204,
    summary="Delete the words of a note",
    response_model=None,
    responses=problems(404, 503),
)
def delete_words(id: str, parts: GivenParts, who: Administering) -> Response:  # noqa: A002
    """Delete text, patient's ids and comments for good; ids, offsets, codes and the log stay."""
    parts.store.write(lambda unit: delete_text(unit, id, by=who.user_id))
    return Response(status_code=204)


def _require_claim(parts: Parts, who: Principal, id_: str) -> None:
    """Let a coder see only a note that nobody else holds."""
    with parts.store.read() as session:
        row = note_row(session, id_)
        held_by = holder(row, parts.store.clock(), parts.settings)
        if who.role is Role.CODER and row.status == NoteStatus.READY and held_by != who.user_id:
            refuse_barred(session, row, who.user_id)
            raise ConflictError(f"Claim the note first: POST /v1/notes/{row.id}/claim.")
