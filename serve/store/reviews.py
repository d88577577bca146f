"""Decisions: checked, numbered, and in the log before they are answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.errors import ConflictError, GoneError
from serve.review import Decision, Event, Kind, ReviewState, Suggested, check, fold
from serve.review.decision import decision_of, record_of
from serve.secrets import Secrets
from serve.store.answers import answer_of, suggested_of
from serve.store.claims import claim
from serve.store.notes import NoteStatus, note_row
from serve.store.store import Unit
from serve.store.tables import LogRow, NoteRow
from serve.store.texts import put_text, texts_of


def decide(
    unit: Unit,
    note: str,
    decisions: Sequence[Decision],
    *,
    by: str,
    expected_version: int,
) -> ReviewState:
    """Take decisions on a note, all or none, and return the state after them.

    Raises:
        ConflictError: another coder holds the note, or decided since ``expected_version``.
        DecisionError: one of them is not allowed.
        GoneError: a comment on a note whose words were deleted.
    """
    row = claim(unit, note, by=by)
    if row.version != expected_version:
        raise ConflictError(
            f"The note stands at version {row.version}, not {expected_version}: read it again."
        )
    events = events_of(unit.session, unit.secrets, note)
    record = answer_of(unit.session, note)
    model = record["model_version"] if record else ""
    suggested = _visible(row, suggested_of(record))
    state = fold(events, suggested)
    for decision in decisions:
        check(decision, state, n_chars=row.n_chars)
        events.append(_taken(unit, row, _with_evidence(decision, state), by=by, model=model))
        state = fold(events, suggested)
    return state


def state_of(session: Session, secrets: Secrets, note: str) -> ReviewState:
    """Return where the review of a note stands."""
    row = note_row(session, note)
    suggested = _visible(row, suggested_of(answer_of(session, note)))
    return fold(events_of(session, secrets, note), suggested)


def events_of(session: Session, secrets: Secrets, note: str) -> list[Event]:
    """Return a note's decisions in order; a comment that was deleted is empty."""
    query = (
        select(LogRow.version, LogRow.user_id, LogRow.at, LogRow.body)
        .where(LogRow.note_id == note, LogRow.kind == "decision")
        .order_by(LogRow.version)
    )
    found = session.execute(query)
    rows = [(version or 0, by, at, json.loads(body)) for version, by, at, body in found]
    has_comments = any("comment" in body for *_, body in rows)
    texts = texts_of(session, secrets, note, "comment") if has_comments else {}
    return [
        Event(version, by, at, decision_of(body, comment=texts.get(body.get("comment"), "")))
        for version, by, at, body in rows
    ]


def history_of(session: Session, note: str) -> list[LogRow]:
    """Return all that the log has of a note, oldest first."""
    query = select(LogRow).where(LogRow.note_id == note).order_by(LogRow.seq)
    return list(session.scalars(query))


def _visible(row: NoteRow, suggested: list[Suggested]) -> list[Suggested]:
    """Leave out what a coder of a blinded note must not see."""
    return [] if row.blinded else suggested


def _with_evidence(decision: Decision, state: ReviewState) -> Decision:
    """Keep with an acceptance the evidence that the coder saw: a later model may show another."""
    found = state.of(decision.code)
    if decision.kind not in (Kind.ACCEPT, Kind.REPLACE) or decision.evidence or found is None:
        return decision
    return replace(decision, evidence=found.evidence)


def _taken(unit: Unit, row: NoteRow, decision: Decision, *, by: str, model: str) -> Event:
    row.version += 1
    body = record_of(decision) | {"model_version": model}
    if decision.comment:
        if row.text_deleted_at:
            raise GoneError("The words of this note were deleted; no comment is kept on it.")
        kept = put_text(unit, row.id, "comment", decision.comment)
        body |= {"comment": kept.id, "comment_mac": kept.mac}
    if decision.kind is Kind.COMPLETE:
        row.status, row.completed_at = NoteStatus.COMPLETE, unit.now
    elif decision.kind is Kind.REOPEN:
        row.status, row.completed_at = NoteStatus.READY, None
    unit.log("decision", by, row.id, row.version, **body)
    return Event(row.version, by, unit.at, decision)
