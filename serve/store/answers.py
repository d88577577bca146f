"""What models said of notes; evidence by offsets alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.coding import Code, CodeSystem, CodingResult
from cac.note import Span
from cac.outputs.records import result_record
from serve.review import Suggested
from serve.store.kept import answer_kept, answer_place
from serve.store.notes import NoteStatus, note_row
from serve.store.store import Unit
from serve.store.tables import AnswerRow, NoteRow


def next_queued(session: Session, *, limit: int) -> list[str]:
    """Return the ids of the notes that wait for a model: urgent ones first, then by age."""
    query = (
        select(NoteRow.id)
        .where(NoteRow.status == NoteStatus.QUEUED)
        .order_by(NoteRow.priority.desc(), NoteRow.received_at, NoteRow.id)
    )
    return list(session.scalars(query.limit(limit)))


def put_answer(unit: Unit, note: str, result: CodingResult, *, is_shadow: bool = False) -> None:
    """Keep an answer; unless it is a shadow, the note becomes ready for a coder."""
    record = result_record(result, include_rejected=True)
    answer = AnswerRow(
        note=note, made_at=unit.now, model_version=result.model_version, is_shadow=is_shadow
    )
    put_row(unit, answer, _without_words(record))
    row = note_row(unit.session, note, lock=True)
    if not is_shadow:
        row.confidence = _mean([s.probability for s in result.suggestions])
        if row.status in (NoteStatus.QUEUED, NoteStatus.FAILED):
            row.status, row.failure = NoteStatus.READY, ""


def put_row(unit: Unit, row: AnswerRow, record: Mapping[str, Any]) -> None:
    """Keep a record without words as an answer, and bind it to the log."""
    row.record = json.dumps(record)
    unit.session.add(row)
    unit.session.flush()
    unit.log(
        "note.suggested", "system", row.note, model_version=row.model_version,
        shadow=row.is_shadow, codes=codes_of(record), answer=row.id,
        answer_mac=unit.bind(answer_place(row), answer_kept(row)),
    )  # fmt: skip


def put_failure(unit: Unit, note: str, kind: str) -> None:
    """Keep that a note could not be done; ``kind`` is the name of an error, never its message."""
    row = note_row(unit.session, note, lock=True)
    row.status, row.failure = NoteStatus.FAILED, kind
    unit.log("note.failed", "system", note, error=kind)


def answer_of(session: Session, note: str) -> dict[str, Any] | None:
    """Return the record that counts, without words; None while there is none."""
    row = answer_row(session, note)
    return json.loads(row.record) if row else None


def answer_row(session: Session, note: str) -> AnswerRow | None:
    """Return the row of the answer that counts."""
    query = select(AnswerRow).where(AnswerRow.note == note, AnswerRow.is_shadow.is_(False))
    return session.scalars(query.order_by(AnswerRow.id.desc()).limit(1)).one_or_none()


def codes_of(record: Mapping[str, Any]) -> list[list[str]]:
    """Return system and value of each suggestion, as the log keeps them."""
    return [[str(s["system"]), s["code"]] for s in record["suggestions"]]


def answers_of(session: Session, note: str) -> list[AnswerRow]:
    """Return every answer, shadows too, oldest first: what a change of model changed."""
    return list(
        session.scalars(select(AnswerRow).where(AnswerRow.note == note).order_by(AnswerRow.id))
    )


def with_words(record: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a record with the words of its evidence, as they stand in the text."""

    def worded(pieces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{**p, "text": text[p["start"] : p["end"]]} for p in pieces]

    return _with_evidence(record, worded)


def suggested_of(record: Mapping[str, Any] | None) -> list[Suggested]:
    """Return what the fold needs of a record."""
    return [
        Suggested(
            Code(CodeSystem(s["system"]), s["code"]),
            s["description"],
            tuple(Span(piece["start"], piece["end"]) for piece in s["evidence"]),
        )
        for s in (record["suggestions"] if record else ())
    ]


def _without_words(record: Mapping[str, Any]) -> dict[str, Any]:
    def bare(pieces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{k: v for k, v in p.items() if k != "text"} for p in pieces]

    return _with_evidence(record, bare)


def _with_evidence(record: Mapping[str, Any], change: Any) -> dict[str, Any]:
    lists = {
        name: [{**s, "evidence": change(s["evidence"])} for s in record[name]]
        for name in ("suggestions", "rejected")
        if name in record
    }
    return {**record, **lists}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
