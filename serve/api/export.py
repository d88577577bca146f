"""``GET /v1/export/decisions``: what was decided, as training data or as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from cac.coding import CodedNote, CodeEvidence
from cac.corpus.coded_notes import coded_note_record
from cac.outputs.csv_rows import csv_lines
from serve.access.principal import Principal
from serve.api.note_view import hides
from serve.api.parts import Exporting, GivenParts
from serve.api.records import problems
from serve.errors import GoneError
from serve.review import CodeState, ReviewState
from serve.store import Store
from serve.store.answers import answer_of
from serve.store.notes import NoteStatus, read_note
from serve.store.reviews import state_of
from serve.store.tables import NoteRow

router = APIRouter(prefix="/v1/export", tags=["export"])
COLUMNS = tuple(
    "note_id id second_of status system code decision replacement reason principal sequence poa"
    " evidence model_version".split()
)


@router.get(
    "/decisions",
    summary="Decisions on complete notes",
    response_model=None,
    responses={
        200: {"content": {"application/x-ndjson": {}, "text/csv": {}}, "description": "rows"},
        **problems(503),
    },
)
def decisions(
    parts: GivenParts,
    who: Exporting,
    format: Literal["jsonl", "csv"] = "jsonl",  # noqa: A002
) -> Response:
    """Answer the complete notes, the oldest first.

    As JSON lines they are coded notes, which `cac corpus`, `cac learn` and the training read; notes
    whose words were deleted are left out, and so are second reviews, since training would count
    their notes twice. As CSV there is a row for each code, without words, of second reviews too:
    ``second_of`` is the ``id`` of the first.
    """
    ids = _complete(parts.store, who, with_seconds=format == "csv")
    parts.store.write(lambda unit: unit.log("export", who.user_id, format=format, notes=len(ids)))
    if format == "csv":
        return StreamingResponse(_csv(parts.store, ids), media_type="text/csv; charset=utf-8")
    return StreamingResponse(_jsonl(parts.store, ids), media_type="application/x-ndjson")


def _complete(store: Store, who: Principal, *, with_seconds: bool) -> list[str]:
    """Return the ids of what is exported; of many notes nothing else is held at one time."""
    query = select(NoteRow.id, NoteRow.second_of).where(NoteRow.status == NoteStatus.COMPLETE)
    if not with_seconds:
        query = query.where(NoteRow.second_of.is_(None))
    paired = select(NoteRow.second_of).where(NoteRow.second_of.is_not(None))
    with store.read() as session:
        firsts = set(session.scalars(paired))
        rows = session.execute(query.order_by(NoteRow.completed_at, NoteRow.id))
        return [
            id_
            for id_, second_of in rows
            if not (second_of or id_ in firsts)
            or not hides(session, session.get_one(NoteRow, id_), who)
        ]


def _jsonl(store: Store, ids: list[str]) -> Iterator[str]:
    for id_ in ids:
        try:
            with store.read() as session:
                coded = _coded(session, store, id_)
        except GoneError:
            continue
        yield json.dumps(coded_note_record(coded), ensure_ascii=False) + "\n"


def _coded(session: Session, store: Store, id_: str) -> CodedNote:
    final = state_of(session, store.secrets, id_).final
    evidence = tuple(CodeEvidence(c.code, c.evidence) for c in final if c.evidence)
    note = read_note(session, store.secrets, id_)
    return CodedNote(note, tuple(c.code for c in final), evidence)


def _csv(store: Store, ids: list[str]) -> Iterator[str]:
    yield csv_lines([COLUMNS])
    for id_ in ids:
        with store.read() as session:
            row = session.get_one(NoteRow, id_)
            answer = answer_of(session, id_)
            state = state_of(session, store.secrets, id_)
            yield csv_lines(_rows(row, state, answer["model_version"] if answer else ""))


def _rows(row: NoteRow, state: ReviewState, model_version: str) -> Iterator[tuple[Any, ...]]:
    for code in state.codes:
        yield (row.note_id, row.id, row.second_of or "", row.status, *_cells(code), model_version)


def _cells(code: CodeState) -> tuple[Any, ...]:
    return (
        code.code.system.value,
        code.code.value,
        code.status.value,
        code.replacement.value if code.replacement else "",
        code.reason.value if code.reason else "",
        "yes" if code.principal else "no",
        code.sequence or "",
        code.poa,
        " ".join(f"{span.start}:{span.end}" for span in code.evidence),
    )
