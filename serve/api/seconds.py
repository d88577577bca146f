"""``POST /v1/notes/{id}/second``: the same note reviewed once more, by someone else."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from serve.api.fields import Strict, with_example
from serve.api.parts import GivenParts, IdempotencyKey, Seconding
from serve.api.records import json_response, problems
from serve.store import Unit
from serve.store.idempotency import once
from serve.store.notes import NoteStatus
from serve.store.seconds import add_second

router = APIRouter(prefix="/v1/notes", tags=["review"])


class SecondIn(Strict):
    """How the second coder works."""

    model_config = with_example({"blinded": True})

    blinded: bool = Field(True, description="without suggestions")


class SecondOut(BaseModel):
    """The second review: a note of the work list with an id of its own."""

    id: str
    note_id: str
    status: NoteStatus
    second_of: str
    blinded: bool


@router.post(
    "/{id}/second",
    status_code=201,
    summary="Ask for a second review",
    response_model=None,
    responses={201: {"model": SecondOut}, **problems(404, 409, 410, 503)},
)
def second(
    id: str,  # noqa: A002
    parts: GivenParts,
    who: Seconding,
    sent: SecondIn | None = None,
    key: IdempotencyKey = None,
) -> Response:
    """Put a note into the work list once more, for a coder who has not seen its first review.

    Neither coder sees the other's review. 409 where there is a second review already.
    """
    blinded = sent.blinded if sent else True

    def work(unit: Unit) -> dict[str, object]:
        row = add_second(unit, id, by=who.user_id, blinded=blinded)
        made = SecondOut(
            id=row.id, note_id=row.note_id, status=NoteStatus(row.status), second_of=id,
            blinded=row.blinded,
        )  # fmt: skip
        return made.model_dump(mode="json")

    asked = ["second", id, blinded]
    answer, _ = parts.store.write(
        lambda unit: once(unit, who.user_id, key, asked, lambda: work(unit))
    )
    response = json_response(answer, 201)
    response.headers["Location"] = f"/v1/notes/{answer['id']}"
    return response
