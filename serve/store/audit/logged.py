"""One pass over the log: what it says of notes, their words and answers, of jobs and settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from serve.log.chain import canonical
from serve.store.notes import NoteStatus
from serve.store.tables import LogRow, NoteRow

Body = Mapping[str, Any]
_N_AT_ONCE = 1000
_OTHERS = ("job.added", "job.cancelled", "setting.changed")


@dataclass(slots=True)
class Story:
    """What became of a note by the log.

    ``texts`` are its words by the id of their row, ``answers`` those of models; each with its
    binding. ``has_plain_text`` and ``plain_answers`` are what an earlier version kept without.
    """

    was_received: bool = False
    binding: str = ""
    status: str = NoteStatus.QUEUED
    version: int = 0
    completed_at: str = ""
    claimed_by: str | None = None
    is_deleted: bool = False
    has_plain_text: bool = False
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)
    plain_answers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class JobStory:
    """What became of a job by the log."""

    user_id: str
    cancelled_at: str = ""


@dataclass(slots=True)
class Logged:
    """What the log says of notes and jobs, by their ids, and of settings that are stored.

    A setting is its value as JSON, who set it and when.
    """

    notes: dict[str, Story] = field(default_factory=dict)
    jobs: dict[str, JobStory] = field(default_factory=dict)
    settings: dict[str, tuple[str, str, str]] = field(default_factory=dict)


def read_log(session: Session) -> Logged:
    """Read what the log says; a row that cannot be read says nothing, and is a fault elsewhere."""
    logged = Logged()
    notes_of_job: dict[str, list[str]] = {}
    for id_, job in session.execute(select(NoteRow.id, NoteRow.job_id)):
        notes_of_job.setdefault(job or "", []).append(id_)
    rows = session.execute(
        select(LogRow.kind, LogRow.at, LogRow.user_id, LogRow.note_id, LogRow.version, LogRow.body)
        .where(or_(LogRow.note_id.is_not(None), LogRow.kind.in_(_OTHERS)))
        .order_by(LogRow.seq),
        execution_options={"yield_per": _N_AT_ONCE},
    )
    for kind, at, by, note, version, text in rows:
        body = body_of(text)
        if note is None:
            _job(logged, kind, at, by, str(body.get("job", "")), notes_of_job)
            _setting(logged, kind, at, by, body)
            continue
        story = logged.notes.setdefault(note, Story())
        story.version = max(story.version, version if isinstance(version, int) else 0)
        if act := _ACTS.get(kind):
            act(story, at, by, body)
    return logged


def plain_answer(model_version: str, is_shadow: bool, codes: Any) -> str:
    """Return what the log says of an answer that it does not bind."""
    return canonical([model_version, is_shadow, codes])


def body_of(text: str) -> dict[str, Any]:
    """Return what a row of the log says; nothing, where somebody made it unreadable."""
    try:
        body = json.loads(text)
    except (ValueError, TypeError):
        return {}
    return body if isinstance(body, dict) else {}


def _job(
    logged: Logged, kind: str, at: str, by: str, job: str, notes_of_job: Mapping[str, list[str]]
) -> None:
    if kind == "job.added":
        logged.jobs[job] = JobStory(by)
    elif kind == "job.cancelled" and job in logged.jobs:
        logged.jobs[job].cancelled_at = at
        for note in notes_of_job.get(job, ()):
            story = logged.notes.get(note)
            if story and story.status == NoteStatus.QUEUED:
                story.status = NoteStatus.CANCELLED


def _setting(logged: Logged, kind: str, at: str, by: str, body: Body) -> None:
    if kind != "setting.changed":
        return
    name = str(body.get("name"))
    logged.settings.pop(name, None)
    if body.get("stored"):
        logged.settings[name] = (canonical(body.get("after")), by, at)


def _received(story: Story, _at: str, _by: str, body: Body) -> None:
    story.was_received, story.binding = True, str(body.get("row_mac", ""))
    if "text" in body:
        story.texts[str(body["text"])] = ("note", str(body.get("text_mac", "")))
    else:
        story.has_plain_text = True


def _second(story: Story, _at: str, _by: str, body: Body) -> None:
    story.was_received, story.binding = True, str(body.get("row_mac", ""))
    story.status = NoteStatus.READY


def _suggested(story: Story, _at: str, _by: str, body: Body) -> None:
    shadow = bool(body.get("shadow"))
    if "answer" in body:
        story.answers[int(body["answer"])] = str(body.get("answer_mac", ""))
    else:
        version = str(body.get("model_version"))
        story.plain_answers.append(plain_answer(version, shadow, body.get("codes")))
    if not shadow and story.status in (NoteStatus.QUEUED, NoteStatus.FAILED):
        story.status = NoteStatus.READY


def _failed(story: Story, _at: str, _by: str, _body: Body) -> None:
    story.status = NoteStatus.FAILED


def _deleted(story: Story, _at: str, _by: str, _body: Body) -> None:
    story.is_deleted, story.has_plain_text = True, False
    story.texts.clear()
    if story.status == NoteStatus.QUEUED:
        story.status = NoteStatus.CANCELLED


def _claimed(story: Story, _at: str, by: str, _body: Body) -> None:
    story.claimed_by = by


def _released(story: Story, _at: str, _by: str, _body: Body) -> None:
    story.claimed_by = None


def _decided(story: Story, at: str, _by: str, body: Body) -> None:
    if comment := body.get("comment"):
        story.texts[str(comment)] = ("comment", str(body.get("comment_mac", "")))
    if body.get("kind") == "complete":
        story.status, story.completed_at = NoteStatus.COMPLETE, at
    elif body.get("kind") == "reopen":
        story.status, story.completed_at = NoteStatus.READY, ""


_ACTS: dict[str, Callable[[Story, str, str, Body], None]] = {
    "note.received": _received,
    "note.second": _second,
    "note.suggested": _suggested,
    "note.failed": _failed,
    "note.text_deleted": _deleted,
    "note.claimed": _claimed,
    "note.released": _released,
    "decision": _decided,
}
