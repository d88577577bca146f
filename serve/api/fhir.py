"""``/v1/fhir``: documents in, resources out, in R4 or R5."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cac.coding import Code, CodeSystem, CodingResult
from cac.note import Setting
from serve.access.principal import Principal
from serve.api.fhir_outcome import MEDIA_TYPE, OutcomeRoute, outcomes
from serve.api.note_view import sees_suggestions, shown_row
from serve.api.parts import GivenParts, Parts, Reading, Suggesting
from serve.engine.question import Question
from serve.errors import DecisionError, ForbiddenError
from serve.fhir.attachments import require_base64
from serve.fhir.codes import reviewed_codes, suggested_codes
from serve.fhir.documents import Document, documents_of
from serve.fhir.extracted import Extracted
from serve.fhir.resources import answer_bundle
from serve.fhir.validation import Release, validated
from serve.http.problems import Problem
from serve.http.waiting import answer_of
from serve.store.answers import answer_of as stored_answer_of
from serve.store.notes import read_note
from serve.store.reviews import events_of, state_of
from serve.store.tables import User

router = APIRouter(prefix="/v1/fhir", tags=["fhir"], route_class=OutcomeRoute)
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "a Bundle"}
}
_BODY = {
    "required": True,
    "content": {
        kind: {
            "schema": {
                "type": "object",
                "required": ["resourceType"],
                "properties": {"resourceType": {"enum": ["DocumentReference", "Bundle"]}},
            },
            "example": {
                "resourceType": "DocumentReference",
                "status": "current",
                "content": [
                    {"attachment": {"contentType": "text/plain", "data": "Q0tEIHN0YWdlIDNiLg=="}}
                ],
            },
        }
        for kind in ("application/json", MEDIA_TYPE)
    },
}


@router.post(
    "/{release}/suggest",
    summary="Suggest for a DocumentReference or a Bundle",
    response_model=None,
    openapi_extra={"requestBody": _BODY},
    responses=_ANSWERED | outcomes(503),
)
async def suggest(
    release: Release,
    request: Request,
    parts: GivenParts,
    _: Suggesting,
    systems: Annotated[list[CodeSystem] | None, Query()] = None,
    setting: Setting | None = None,
) -> Response:
    """Answer Conditions (provisional), Procedures, a draft Claim and their Provenance.

    Evidence is given by offsets of the decoded attachment, also where that is HTML or CDA. One
    document is answered by one Bundle, several by a Bundle of Bundles.
    """
    resource: Any = json.loads(await request.body() or b"null")
    documents = await run_in_threadpool(_documents, resource, release, setting, parts)
    wanted = frozenset(systems) if systems else None
    questions = [Question(document.note, systems=wanted) for document in documents]
    seconds = parts.settings.deadline_s
    future = parts.engine.submit(questions, deadline_s=seconds)
    outcomes = await answer_of(request, future, seconds=seconds)
    return await run_in_threadpool(_answer, documents, outcomes, release, parts)


@router.get(
    "/{release}/notes/{id}",
    summary="A note's codes as resources",
    response_model=None,
    responses=_ANSWERED | outcomes(404, 410, 503),
)
def reviewed(release: Release, id: str, parts: GivenParts, who: Reading) -> Response:  # noqa: A002
    """Answer what stands after review.

    Accepted codes are confirmed, undecided ones provisional, and rejected or replaced ones entered
    in error, so that who stored the provisional resource can take it back: each code keeps the
    ``fullUrl`` that it had before.
    """
    store = parts.store
    with store.read() as session:
        row = shown_row(session, id, who)
        if not sees_suggestions(row, who):
            raise ForbiddenError("This note is reviewed without its suggestions.")
        note = read_note(session, store.secrets, id)
        answer = stored_answer_of(session, id) or {"suggestions": [], "model_version": "none"}
        state = state_of(session, store.secrets, id)
        coders = {event.user_id for event in events_of(session, store.secrets, id)}
        names = sorted(session.get_one(User, coder).name for coder in coders)
    probabilities = {
        Code(CodeSystem(s["system"]), s["code"]): s["probability"] for s in answer["suggestions"]
    }
    subject = {"reference": f"Patient/{note.patient_id}"} if note.patient_id else _UNKNOWN
    bundle = answer_bundle(
        Document(note, Extracted(note.text), f"DocumentReference/{row.id}", subject, None),
        reviewed_codes(state, probabilities),
        release=release,
        model_version=answer["model_version"],
        at=store.clock(),
        coder=", ".join(names),
    )
    _log(parts, who, id)
    return _response(bundle)


_UNKNOWN = {"display": "not stated"}


def _documents(
    resource: Any, release: Release, setting: Setting | None, parts: Parts
) -> list[Document]:
    if not isinstance(resource, dict):
        raise DecisionError("resourceType may be DocumentReference or Bundle.")
    require_base64(resource)
    documents = documents_of(validated(resource, release), setting=setting)
    most, longest = parts.settings.max_notes, parts.settings.max_note_chars
    if len(documents) > most:
        raise DecisionError(f"A Bundle may have {most} documents.")
    for place, document in enumerate(documents):
        if len(document.note.text) > longest:
            raise DecisionError(f"Document {place}: it may have {longest:,} characters.")
    return documents


def _answer(
    documents: list[Document], outcomes: list[Any], release: Release, parts: Parts
) -> Response:
    bundles = []
    for place, (document, outcome) in enumerate(zip(documents, outcomes, strict=True)):
        if not isinstance(outcome, CodingResult):
            raise Problem(422, "not-suggested", f"Document {place} cannot be coded as it is.")
        bundles.append(
            answer_bundle(
                document,
                suggested_codes(outcome),
                release=release,
                model_version=outcome.model_version,
                at=parts.store.clock(),
            )
        )
    if len(bundles) == 1:
        return _response(bundles[0])
    entries = [{"resource": bundle} for bundle in bundles]
    return _response({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _log(parts: Parts, who: Principal, id_: str) -> None:
    parts.store.write(lambda unit: unit.log("note.exported", who.user_id, id_, format="fhir"))


def _response(bundle: dict[str, Any]) -> Response:
    body = json.dumps(bundle, ensure_ascii=False)
    return Response(body.encode("utf-8"), media_type=MEDIA_TYPE)
