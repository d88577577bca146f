"""``GET /v1/notes/{id}/history``: all that the log has of a note."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import Response

from serve.api.note_view import audits, sees_suggestions, shown_row
from serve.api.parts import GivenParts, Reading
from serve.api.records import json_response, problems
from serve.store.reviews import events_of, history_of
from serve.store.tables import LogRow, User

router = APIRouter(prefix="/v1/notes", tags=["review"])


@router.get(
    "/{id}/history",
    summary="What happened to a note",
    response_model=None,
    responses=problems(404, 503),
)
def history(id: str, parts: GivenParts, who: Reading) -> Response:  # noqa: A002
    """Answer its events, the oldest first: who did what when, with codes and offsets."""
    store = parts.store
    with store.read() as session:
        row = shown_row(session, id, who)
        names: dict[str, str] = {u.id: u.name for u in session.scalars(select(User))}
        comments = {e.version: e.decision.comment for e in events_of(session, store.secrets, id)}
        rows = history_of(session, id)
        sees = sees_suggestions(row, who)
        events = [_event(r, names, comments, sees=sees, pairs=audits(who)) for r in rows]
    return json_response({"id": id, "events": events})


def _event(
    row: LogRow, names: dict[str, str], comments: dict[int, str], *, sees: bool, pairs: bool
) -> dict[str, Any]:
    # What binds a row to the log says nothing to a reader.
    body = {k: v for k, v in json.loads(row.body).items() if not k.endswith("_mac")}
    if row.version and body.get("comment"):
        body["comment"] = comments.get(row.version, "")
    if not pairs:
        body.pop("second_of", None)
    if row.kind == "note.suggested" and not sees:
        body.pop("codes", None)
    return {
        "seq": row.seq,
        "at": row.at,
        "kind": row.kind,
        "by": names.get(row.user_id, row.user_id),
        "version": row.version,
        "body": body,
    }
