"""``POST /comprehendmedical``: where boto3 posts with that ``endpoint_url``, and a plain path."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from cac.coding import CodeSystem, CodingResult
from cac.errors import CacError
from cac.note import Note
from serve.access.principal import Scope
from serve.comprehend.entities import infer_icd10cm
from serve.comprehend.wire import OPERATION, answer, invalid, told
from serve.engine.engine import Engine
from serve.engine.question import Question
from serve.http.auth import principal
from serve.http.problems import Problem
from serve.http.waiting import answer_of
from serve.settings import Settings

router = APIRouter(tags=["comprehendmedical"])
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["Text"],
                "properties": {"Text": {"type": "string", "minLength": 1}},
            },
            "example": {"Text": "Assessment: CKD stage 3b. No chest pain."},
        }
    },
}


@router.post(
    "/comprehendmedical/infer-icd10cm",
    summary="Amazon's InferICD10CM",
    response_model=None,
    openapi_extra={"requestBody": _BODY},
    responses={
        status: {"description": "told as AWS does", "content": {"application/x-amz-json-1.1": {}}}
        for status in (200, 400, 401, 403, 408, 413, 415, 429, 503)
    },
)
@router.post("/comprehendmedical", include_in_schema=False)
@router.post("/comprehendmedical/", include_in_schema=False)
async def infer(request: Request) -> Response:
    """Answer entities with offsets, traits and ranked concepts, as Amazon's service does.

    The access key id is an API key; English notes; ICD-10-CM alone.
    """
    try:
        (await principal(request)).require(Scope.SUGGEST)
        text = await _text(request)
        return answer(infer_icd10cm(text, await _result(request, text)))
    except (CacError, Problem) as error:
        return told(error)


async def _text(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", OPERATION)
    if target != OPERATION:
        raise invalid(f"Known: {OPERATION}.", "UnknownOperationException")
    body: Any = json.loads(await request.body() or b"null")
    text = body.get("Text") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise invalid("Text must be a string with words, without NUL.")
    settings: Settings = request.app.state.settings
    if len(text) > settings.max_note_chars:
        raise invalid(
            f"Text has {len(text):,} characters. Allowed: {settings.max_note_chars:,}.",
            "TextSizeLimitExceededException",
        )
    return text


async def _result(request: Request, text: str) -> CodingResult:
    settings: Settings = request.app.state.settings
    engine: Engine = request.app.state.engine
    question = Question(Note("text", text), systems=frozenset({CodeSystem.ICD10CM}))
    future = engine.submit([question], deadline_s=settings.deadline_s)
    [outcome] = await answer_of(request, future, seconds=settings.deadline_s)
    if isinstance(outcome, CacError):
        raise invalid("The model in use does not read English notes.")
    return outcome
