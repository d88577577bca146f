"""What is answered, as the OpenAPI description shows it; the values are made by `cac.outputs`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.responses import Response

from cac.coding import Band, CodeSystem
from cac.note import Assertion


class EvidenceOut(BaseModel):
    """A span of the note, ``text[start:end]`` in code points; pieces of one mention share it."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    text: str
    section: str
    assertion: Assertion
    weight: float = Field(ge=0, le=1)
    mention: int = Field(ge=1)


class ConcernOut(BaseModel):
    """Something for the coder to look at; shown, never applied."""

    kind: str
    message: str


class SuggestionOut(BaseModel):
    """A code for a person to accept, reject or replace."""

    system: CodeSystem
    code: str
    description: str
    probability: float = Field(ge=0, le=1)
    band: Band | None
    rank: int = Field(ge=0)
    evidence: list[EvidenceOut]
    concerns: list[ConcernOut]


class RejectedOut(SuggestionOut):
    """A code that was found and is not suggested, with the reason."""

    rejected_because: str


class AnswerOut(BaseModel):
    """The answer for one note, with the versions that it rests on."""

    note_id: str
    suggestions: list[SuggestionOut]
    rejected: list[RejectedOut] | None = None
    model_version: str
    code_set_versions: dict[str, str]
    convention: str
    calibrated: bool


class ProblemOut(BaseModel):
    """RFC 9457; never a word of the request."""

    type: str = Field(examples=["urn:cac:problem:queue-full"])
    title: str
    status: int
    detail: str


def json_response(value: Any, status: int = 200) -> Response:
    """Return plain values as JSON, as they are."""
    return Response(to_json(value), status, media_type="application/json")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of refusals for a route's ``responses``."""
    told = {"application/problem+json": {"schema": ProblemOut.model_json_schema()}}
    always = (400, 401, 403, 408, 413, 415, 422, 429)
    return {s: {"description": "refused", "content": told} for s in sorted({*always, *statuses})}
