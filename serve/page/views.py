"""The worklist and the review of a note: frames that scripts fill from the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from serve.access.principal import Scope
from serve.http.auth import store_of
from serve.page.review_page import review_values
from serve.page.visitor import Visitor, may, visitor

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(_: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Lead to the worklist."""
    return RedirectResponse("/worklist", 303)


@router.get("/worklist")
def worklist(reader: Annotated[Visitor, Depends(may(Scope.NOTES_READ))]) -> Response:
    """Show the notes that wait."""
    return reader.render("worklist.html", "/worklist")


@router.get("/review/{note_id}")
def review(
    note_id: str,
    request: Request,
    reader: Annotated[Visitor, Depends(may(Scope.NOTES_READ))],
) -> Response:
    """Show the frame of a note's review; its words come by the API, which logs who sees them."""
    idle = store_of(request).settings.session_idle_minutes
    return reader.render("review.html", "", **review_values(note_id, idle_minutes=idle))
