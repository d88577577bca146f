"""``/v1/jobs``: batches, with progress, results and cancellation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from serve.access.principal import Principal, Role
from serve.api.fields import EXAMPLE, Strict, with_example
from serve.api.note_view import hides
from serve.api.notes import QueuedNoteIn
from serve.api.parts import GivenParts, IdempotencyKey, Parts, Writing
from serve.api.records import json_response, problems
from serve.api.suggest import require_length
from serve.errors import GoneError
from serve.store import Unit
from serve.store.answers import answer_of, with_words
from serve.store.idempotency import once
from serve.store.jobs import Progress, add_job, cancel_job, notes_of_job, progress_of
from serve.store.notes import NoteStatus, note_row, read_note

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
MAX_NOTES = 1000


class JobIn(Strict):
    """A batch; its size is bounded by that of a body as well."""

    model_config = with_example({"notes": [EXAMPLE | {"note_id": "visit-2"}]})

    notes: list[QueuedNoteIn] = Field(min_length=1, max_length=MAX_NOTES)


@router.post(
    "",
    status_code=202,
    summary="Suggest for a batch",
    response_model=None,
    responses=problems(409, 503),
)
def add(sent: JobIn, parts: GivenParts, who: Writing, key: IdempotencyKey = None) -> Response:
    """Keep the notes on disk and answer; all or none of them are taken."""
    require_length(list(sent.notes), parts.settings)

    def put(unit: Unit) -> dict[str, Any]:
        job = add_job(unit, by=who.user_id)
        notes = [n.put(unit, by=who.user_id, job_id=job.id) for n in sent.notes]
        return {"id": job.id, "status": "running", "notes": notes}

    asked = ["jobs", sent.model_dump(mode="json")]
    answer, _ = parts.store.write(
        lambda unit: once(unit, who.user_id, key, asked, lambda: put(unit))
    )
    parts.background.wake()
    response = json_response(answer, 202)
    response.headers["Location"] = f"/v1/jobs/{answer['id']}"
    return response


@router.get("/{id}", summary="Progress", response_model=None, responses=problems(404, 503))
def progress(id: str, parts: GivenParts, who: Writing) -> Response:  # noqa: A002
    """Answer how many notes of a job are in which state."""
    with parts.store.read() as session:
        return json_response(_record(progress_of(session, id, owner=_owner(who))))


@router.delete("/{id}", summary="Cancel", response_model=None, responses=problems(404, 503))
def cancel(id: str, parts: GivenParts, who: Writing) -> Response:  # noqa: A002
    """Take what is not done yet out of the queue; what is done stays."""
    parts.store.write(lambda unit: cancel_job(unit, id, by=who.user_id, owner=_owner(who)))
    return progress(id, parts, who)


@router.get(
    "/{id}/results",
    summary="Answers as JSON lines",
    response_model=None,
    responses={200: {"content": {"application/x-ndjson": {}}}, **problems(404, 503)},
)
def results(id: str, parts: GivenParts, who: Writing) -> Response:  # noqa: A002
    """Answer one line a note that is done, in the form of `cac suggest`."""
    with parts.store.read() as session:
        progress_of(session, id, owner=_owner(who))
        ids = notes_of_job(session, id)
    parts.store.write(lambda unit: unit.log("job.results", who.user_id, job=id))
    return StreamingResponse(_lines(parts, ids, who), media_type="application/x-ndjson")


def _lines(parts: Parts, ids: list[str], who: Principal) -> Iterator[str]:
    for id_ in ids:
        with parts.store.read() as session:
            answer = answer_of(session, id_)
            row = note_row(session, id_)
            # What was being read when its job was cancelled has an answer, and is not done.
            if answer is None or row.status == NoteStatus.CANCELLED:
                continue
            # What a blinded note was suggested is kept from all who may yet review it.
            if row.blinded or hides(session, row, who):
                continue
            try:
                note = read_note(session, parts.store.secrets, id_)
            except GoneError:
                continue
        yield json.dumps(with_words(answer, note.text), ensure_ascii=False) + "\n"


def _record(made: Progress) -> dict[str, Any]:
    n_left = made.counts.get("queued", 0)
    return {
        "id": made.job.id,
        "status": made.status,
        "created_at": made.job.created_at.isoformat(),
        "n_notes": made.n_notes,
        "n_done": made.n_notes - n_left,
        "counts": dict(made.counts),
    }


def _owner(who: Writing) -> str | None:
    """Return whose jobs are there for somebody: their own; for an administrator, all."""
    return None if who.role is Role.ADMINISTRATOR else who.user_id
