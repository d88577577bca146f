"""``POST /v1/suggest``: notes in, ranked codes with their evidence out, nothing kept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from cac.coding import Band, CodeSystem, CodingResult
from cac.outputs.records import result_record
from serve.access.principal import Principal
from serve.access.principal import Scope as Right
from serve.api.fields import EXAMPLE, NoteIn, Strict, with_example
from serve.api.records import AnswerOut, json_response, problems
from serve.engine.engine import Engine
from serve.engine.question import Question
from serve.http.auth import require
from serve.http.problems import Problem
from serve.http.waiting import answer_of
from serve.settings import Settings

router = APIRouter(tags=["suggest"])
MAX_NOTES = 64


class SuggestIn(Strict):
    """Notes, and which of their codes are wanted."""

    model_config = with_example({"notes": [EXAMPLE], "top_k": 10})

    notes: list[NoteIn] = Field(min_length=1, max_length=MAX_NOTES)
    systems: list[CodeSystem] | None = Field(None, description="none: all of the model")
    bands: list[Band] | None = Field(None, description="none: all that is suggested")
    top_k: int | None = Field(None, ge=1, le=1000, description="codes of a note at most")
    min_probability: float | None = Field(
        None, ge=0, le=1, description="in place of the model's own threshold"
    )
    include_rejected: bool = Field(False, description="also what was found, with the reason")

    def questions(self) -> list[Question]:
        """Return one question a note."""
        systems = frozenset(self.systems) if self.systems is not None else None
        bands = frozenset(self.bands) if self.bands is not None else None
        return [
            Question(n.note(), systems, bands, self.top_k, self.min_probability) for n in self.notes
        ]


class SuggestOut(Strict):
    """One answer for each note, in their order."""

    results: list[AnswerOut]


@router.post(
    "/v1/suggest",
    summary="Suggest codes",
    response_model=None,
    responses={200: {"model": SuggestOut}, **problems(503)},
)
async def suggest(
    asked: SuggestIn,
    request: Request,
    _: Annotated[Principal, Depends(require(Right.SUGGEST))],
) -> Response:
    """Suggest codes for one note or a few; nothing of them is kept.

    Beyond the queue the answer is 503 with Retry-After. Many notes go to POST /v1/jobs.
    """
    settings: Settings = request.app.state.settings
    _require_sizes(asked, settings)
    outcomes = await _outcomes(request, asked.questions(), settings.deadline_s)
    records = [_record(outcome, asked, n) for n, outcome in enumerate(outcomes)]
    return json_response({"results": records})


async def _outcomes(request: Request, questions: list[Question], seconds: float) -> list[Any]:
    engine: Engine = request.app.state.engine
    future = engine.submit(questions, deadline_s=seconds)
    return await answer_of(request, future, seconds=seconds)


def _require_sizes(asked: SuggestIn, settings: Settings) -> None:
    if len(asked.notes) > settings.max_notes:
        raise Problem(
            422, "too-many-notes", f"One request may have {settings.max_notes} notes: see /v1/jobs."
        )
    require_length(asked.notes, settings)


def require_length(notes: list[NoteIn], settings: Settings) -> None:
    """Refuse a note that is longer than this server reads; the answer names its place."""
    for place, note in enumerate(notes):
        if len(note.text) > settings.max_note_chars:
            raise Problem(
                422,
                "note-too-long",
                f"Note {place} has {len(note.text):,} characters. Allowed: "
                f"{settings.max_note_chars:,}. Split it into the documents that it holds.",
            )


def _record(outcome: Any, asked: SuggestIn, place: int) -> dict[str, Any]:
    if isinstance(outcome, CodingResult):
        return result_record(outcome, include_rejected=asked.include_rejected)
    raise Problem(422, "not-suggested", f"Note {place}: {_why(outcome)}", note=place)


def _why(error: Exception) -> str:
    # Messages of the library name a note by its id, which is the sender's own word.
    kinds = {
        "BundleError": "the model in use does not read notes of this language.",
        "CodeSetError": "no release of the code set at hand covers its service date.",
    }
    return kinds.get(type(error).__name__, "it cannot be coded as it is.")
