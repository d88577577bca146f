"""``/v1/notes/{id}/claim.x12``: a complete note's codes as a draft of an X12 837."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from cac.note import Setting
from serve.access.principal import Principal
from serve.api.note_view import service_day, shown_row
from serve.api.parts import Exporting, GivenParts, Parts
from serve.api.records import problems
from serve.errors import ConflictError
from serve.http.problems import Problem
from serve.store.notes import NoteStatus
from serve.store.reviews import state_of
from serve.x12.claim import claim_of
from serve.x12.drafts import draft_of
from serve.x12.known import Known
from serve.x12.validation import is_installed, require_valid

router = APIRouter(prefix="/v1/notes", tags=["export"])
MEDIA_TYPE = "application/EDI-X12"
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "a draft, in one interchange"},
    **problems(404, 409, 501, 503),
}


@router.get(
    "/{id}/claim.x12",
    summary="A draft of an X12 837",
    response_model=None,
    responses=_RESPONSES,
)
def claim(id: str, parts: GivenParts, who: Exporting) -> Response:  # noqa: A002
    """Answer the accepted codes of a complete note as 837I for inpatients, else as 837P.

    Whoever provides, pays and is insured, and all charges, are placeholders.
    """
    return _draft(parts, who, id, Known())


@router.post(
    "/{id}/claim.x12",
    summary="A draft of an X12 837, with what the site knows",
    response_model=None,
    responses=_RESPONSES,
)
def claim_with(id: str, known: Known, parts: GivenParts, who: Exporting) -> Response:  # noqa: A002
    """Answer the same with names, ids, dates and charges from the body, which are not kept."""
    return _draft(parts, who, id, known)


def _draft(parts: Parts, who: Principal, id_: str, known: Known) -> Response:
    if not is_installed():
        raise Problem(501, "not-installed", "Drafts of X12 need: pip install 'cac[x12]'.")
    store = parts.store
    with store.read() as session:
        row = shown_row(session, id_, who)
        if row.status != NoteStatus.COMPLETE:
            raise ConflictError("The note is not complete; a claim is drafted of complete ones.")
        state = state_of(session, store.secrets, id_)
        setting = Setting(row.setting) if row.setting else None
        made = claim_of(state, id_=row.id, service_date=service_day(row), known=known)
    draft = draft_of(made, setting, at=store.clock())
    require_valid(draft)
    store.write(lambda unit: unit.log("note.exported", who.user_id, id_, format="x12"))
    named = {"Content-Disposition": f'attachment; filename="{made.control_number}.x12"'}
    return Response(draft.text, media_type=MEDIA_TYPE, headers=named)
