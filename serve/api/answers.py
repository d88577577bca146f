"""``GET /v1/notes/{id}/answers``: what each model said of a note, to see what a change changed."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serve.api.note_view import sees_suggestions, shown_row
from serve.api.parts import GivenParts, Reading
from serve.api.records import json_response, problems
from serve.store.answers import answers_of
from serve.store.tables import AnswerRow

router = APIRouter(prefix="/v1/notes", tags=["review"])
_SHOWN = ("system", "code", "description", "probability", "band", "rank")


@router.get(
    "/{id}/answers",
    summary="What each model said",
    response_model=None,
    responses=problems(404, 503),
)
def answers(id: str, parts: GivenParts, who: Reading) -> Response:  # noqa: A002
    """Answer the suggestions of each model, shadows too, the oldest first; without evidence.

    Who may not see what was suggested for a blinded note gets none.
    """
    with parts.store.read() as session:
        row = shown_row(session, id, who)
        found = answers_of(session, id) if sees_suggestions(row, who) else []
    return json_response({"id": id, "answers": [_answer(each) for each in found]})


def _answer(row: AnswerRow) -> dict[str, Any]:
    record = json.loads(row.record)
    return {
        "made_at": row.made_at.isoformat(),
        "model_version": row.model_version,
        "is_shadow": row.is_shadow,
        "suggestions": [{name: s[name] for name in _SHOWN} for s in record["suggestions"]],
    }
