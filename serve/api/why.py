"""``GET /v1/notes/{id}/why/{system}/{code}``: why a note gets a code, or does not."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Protocol, runtime_checkable

from fastapi import APIRouter, Path
from starlette.responses import Response

from cac.coding import Code, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.errors import CacError
from cac.explanation import Explanation
from cac.note import Note
from serve.api.note_view import sees_suggestions, shown_row
from serve.api.parts import GivenParts, Reading
from serve.api.records import json_response, problems
from serve.api.states import span_record
from serve.errors import ForbiddenError, NotFoundError
from serve.store.notes import read_note

router = APIRouter(prefix="/v1/notes", tags=["review"])
_Value = Annotated[str, Path(pattern=r"^[A-Za-z0-9.]{2,9}$", examples=["N18.32"])]
# One at a time: it reads the note anew, and the model has the cores first.
_TURN = threading.Lock()


@runtime_checkable
class Explains(Protocol):
    """A model that can say why."""

    def explain(self, note: Note, code: Code) -> Explanation:
        """Return the reasons."""


@router.get(
    "/{id}/why/{system}/{value}",
    summary="Why a code",
    response_model=None,
    responses=problems(404, 410, 503),
)
def why(
    id: str,  # noqa: A002
    system: CodeSystem,
    value: _Value,
    parts: GivenParts,
    who: Reading,
) -> Response:
    """Answer the reasons of the model in use, each with the offsets of what it speaks of."""
    with parts.store.read() as session:
        if not sees_suggestions(shown_row(session, id, who), who):
            raise ForbiddenError("What was suggested for this note is hidden from its coder.")
        note = read_note(session, parts.store.secrets, id)
    model = parts.engine.require_ready()
    if not isinstance(model.suggester, Explains):
        raise NotFoundError("The model in use gives no reasons.")
    try:
        with _TURN:
            found = model.suggester.explain(note, canonical_code(system, value))
    except CacError:
        raise NotFoundError("The model in use gives no reasons for this code.") from None
    return json_response({"model_version": model.version, **_record(found)})


def _record(found: Explanation) -> dict[str, Any]:
    reasons = [
        {"kind": r.kind, "message": r.message, "spans": [span_record(span) for span in r.spans]}
        for r in found.reasons
    ]
    return {"suggested": found.suggested, "reasons": reasons}
