"""``POST /v1/notes/{id}/decisions``: answered once they are on disk."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from cac.codes import load_icd10cm
from cac.coding import Code, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.errors import CodeSetError, CorpusError
from cac.note import Span
from serve.api.fields import Strict, with_example
from serve.api.note_view import service_day
from serve.api.parts import GivenParts, IdempotencyKey, Parts, Reviewing
from serve.api.records import json_response, problems
from serve.api.states import state_record
from serve.errors import DecisionError
from serve.review import Decision, Kind, Reason
from serve.store.answers import answer_of
from serve.store.idempotency import once
from serve.store.notes import note_row
from serve.store.reviews import decide, state_of

router = APIRouter(prefix="/v1/notes", tags=["review"])
_Poa = Literal["", "Y", "N", "U", "W", "1"]


class CodeIn(Strict):
    """A code; the dot may be left out."""

    system: CodeSystem
    value: Annotated[str, Field(pattern=r"^[A-Za-z0-9.]{2,9}$", examples=["N18.32"])]

    def code(self) -> Code:
        """Return the code in canonical form."""
        try:
            return canonical_code(self.system, self.value)
        except CorpusError:
            raise DecisionError(f"This is not the shape of a code of {self.system}.") from None


class SpanIn(Strict):
    """Half-open code points of the note."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)


class DecisionIn(Strict):
    """One decision; which members it needs depends on its kind."""

    kind: Kind
    code: CodeIn | None = None
    replacement: CodeIn | None = None
    reason: Reason | None = None
    comment: str = Field("", max_length=4000)
    evidence: list[SpanIn] = Field([], max_length=100)
    order: list[CodeIn] = Field([], max_length=200)
    poa: _Poa = ""
    event: int = Field(0, ge=0, description="of undo and redo; 0: the last one")
    active_ms: int = Field(0, ge=0, le=24 * 3600 * 1000, description="time on it, without idling")

    def decision(self, day: date | None) -> Decision:
        """Return the decision; a code that the release does not hold is refused."""
        new = self.replacement or (self.code if self.kind is Kind.ADD else None)
        if new:
            _require_known(new.code(), day)
        return Decision(
            self.kind,
            code=self.code.code() if self.code else None,
            replacement=self.replacement.code() if self.replacement else None,
            reason=self.reason,
            comment=self.comment,
            evidence=tuple(Span(s.start, s.end) for s in self.evidence),
            order=tuple(code.code() for code in self.order),
            poa=self.poa,
            event=self.event,
            active_ms=self.active_ms,
        )


class DecisionsIn(Strict):
    """Decisions that are taken together, all or none."""

    model_config = with_example(
        {
            "decisions": [{"kind": "accept", "code": {"system": "ICD-10-CM", "value": "N18.32"}}],
            "expected_version": 0,
        }
    )

    decisions: list[DecisionIn] = Field(min_length=1, max_length=200)
    expected_version: int = Field(ge=0, description="the version that they rest on")


@router.post(
    "/{id}/decisions",
    summary="Decide",
    response_model=None,
    responses=problems(404, 409, 410, 503),
)
def decide_on(
    id: str,  # noqa: A002
    sent: DecisionsIn,
    parts: GivenParts,
    who: Reviewing,
    key: IdempotencyKey = None,
) -> Response:
    """Take decisions and answer the state after them, once all is on disk.

    409 where another coder holds the note, or decided since ``expected_version``.
    """
    store = parts.store
    with store.read() as session:
        day = service_day(note_row(session, id))
    decisions = [d.decision(day) for d in sent.decisions]
    asked = [id, sent.model_dump(mode="json")]
    _, repeated = store.write(
        lambda unit: once(
            unit,
            who.user_id,
            key,
            asked,
            lambda: {
                "version": decide(
                    unit, id, decisions, by=who.user_id, expected_version=sent.expected_version
                ).version
            },
        )
    )
    if not repeated:
        _count(parts, id, decisions)
    with store.read() as session:
        state = state_of(session, store.secrets, id)
    return json_response({"state": state_record(state, day), "version": state.version})


def _require_known(code: Code, day: date | None) -> None:
    if code.system is not CodeSystem.ICD10CM:
        return
    try:
        known = load_icd10cm(service_date=day).is_valid(code.value)
    except CodeSetError:
        return  # no release covers that day: nothing is known of any code
    if not known:
        raise DecisionError(
            "The release of the date of service does not hold this code; search by "
            "GET /v1/codes/ICD-10-CM?q=."
        )


def _count(parts: Parts, id_: str, decisions: list[Decision]) -> None:
    with parts.store.read() as session:
        record: dict[str, Any] = answer_of(session, id_) or {"suggestions": []}
    bands = {(s["system"], s["code"]): s["band"] for s in record["suggestions"]}
    for decision in decisions:
        code = decision.code
        band = bands.get((code.system.value, code.value)) if code else None
        parts.metrics.decided(decision.kind.value, band)
