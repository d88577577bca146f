"""``/v1/worklist``, and the claims that keep two coders from one note."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from serve.access.principal import Principal, Scope
from serve.api.note_view import row_record
from serve.api.parts import GivenParts, Parts, Reading, Reviewing, Writing
from serve.api.records import json_response, problems
from serve.store.claims import claim as take
from serve.store.claims import release as give_back
from serve.store.notes import note_row
from serve.store.worklist import MAX_LIMIT, counts, list_notes

router = APIRouter(prefix="/v1", tags=["worklist"])
_Status = Literal["", "queued", "ready", "failed", "complete", "cancelled", "claimed"]
_Sort = Literal["age", "priority", "confidence", "payer"]


@router.get("/worklist", summary="Notes by page", response_model=None, responses=problems(503))
def worklist(
    parts: GivenParts,
    who: Reading,
    status: _Status = "",
    payer: Annotated[str, Query(max_length=200)] = "",
    mine: bool = False,
    sort: _Sort = "age",
    cursor: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> Response:
    """Answer notes without their words, and the cursor of the next page ("" at the end)."""
    store = parts.store
    with store.read() as session:
        page = list_notes(
            session,
            parts.settings,
            store.clock(),
            status=status,
            payer=payer,
            claimed_by=who.user_id if mine else "",
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
        record: dict[str, Any] = {
            "notes": [row_record(session, row, parts, who) for row in page.notes],
            "next_cursor": page.next_cursor,
            "counts": counts(session),
        }
    return json_response(record)


@router.get(
    "/notes/{id}/status",
    summary="Where a note stands",
    response_model=None,
    responses=problems(404, 503),
)
def status(id: str, parts: GivenParts, who: Writing) -> Response:  # noqa: A002
    """Answer what the work list says of a note, for who queued it; no word of it, no view."""
    return _where_it_stands(id, parts, who)


@router.post(
    "/notes/{id}/claim",
    summary="Take a note",
    response_model=None,
    responses=problems(404, 409, 503),
)
def claim(id: str, parts: GivenParts, who: Reviewing) -> Response:  # noqa: A002
    """Take a note that nobody holds; it is free again after its time idle, or when released."""
    parts.store.write(lambda unit: take(unit, id, by=who.user_id))
    return _where_it_stands(id, parts, who)


@router.post(
    "/notes/{id}/release",
    summary="Give a note back",
    response_model=None,
    responses=problems(404, 409, 503),
)
def release(id: str, parts: GivenParts, who: Reviewing, force: bool = False) -> Response:  # noqa: A002
    """Give a note back; an administrator may take it from whoever holds it by ``force``."""
    if force:
        who.require(Scope.ADMIN)
    parts.store.write(lambda unit: give_back(unit, id, by=who.user_id, force=force))
    return _where_it_stands(id, parts, who)


def _where_it_stands(id_: str, parts: Parts, who: Principal) -> Response:
    with parts.store.read() as session:
        return json_response(row_record(session, note_row(session, id_), parts, who))
