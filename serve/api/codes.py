"""``/v1/codes``: search, and one code with its hierarchy and notes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from cac.coding import CodeSystem
from cac.errors import CodeSetError, SettingsError, UnknownCodeError
from serve.api.code_sets import search, show
from serve.api.parts import Suggesting
from serve.api.records import json_response, problems
from serve.errors import NotFoundError

router = APIRouter(prefix="/v1/codes", tags=["codes"])
_System = Annotated[str, Path(max_length=12, pattern=r"^[A-Za-z0-9-]+$", examples=["ICD-10-CM"])]
_Code = Annotated[str, Path(max_length=9, pattern=r"^[A-Za-z0-9.-]+$", examples=["N18.32"])]


@router.get("/{system}", summary="Search", response_model=None, responses=problems(404, 503))
def find(
    system: _System,
    who: Suggesting,
    q: Annotated[str, Query(min_length=1, max_length=200, description="words, or a code")],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    service_date: date | None = None,
) -> Response:
    """Answer the codes whose titles, inclusion terms or index entries say it best."""
    del who
    known = _system(system)
    try:
        return json_response({"codes": search(known, q, limit, service_date)})
    except CodeSetError:
        raise _not_at_hand(known) from None


@router.get(
    "/{system}/{code}", summary="One code", response_model=None, responses=problems(404, 503)
)
def one(
    system: _System, code: _Code, who: Suggesting, service_date: date | None = None
) -> Response:
    """Answer title, notes, seventh characters, and what stands above, beside and below."""
    del who
    known = _system(system)
    try:
        return json_response({"system": known.value, **show(known, code, service_date)})
    except UnknownCodeError:
        raise NotFoundError(f"The release of {known} does not hold this code.") from None
    except CodeSetError:
        raise _not_at_hand(known) from None


def _system(name: str) -> CodeSystem:
    try:
        return CodeSystem.parse(name)
    except SettingsError:
        known = ", ".join(system.value for system in CodeSystem)
        raise NotFoundError(f"There is no such code system. Known: {known}.") from None


def _not_at_hand(system: CodeSystem) -> NotFoundError:
    return NotFoundError(f"No release of {system} that covers this is at hand here.")
