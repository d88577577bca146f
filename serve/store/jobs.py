"""Batches of notes, their progress, and their cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from serve.errors import NotFoundError
from serve.store.ids import new_id
from serve.store.notes import NoteStatus
from serve.store.store import Unit
from serve.store.tables import Job, NoteRow


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: its notes by status."""

    job: Job
    counts: Mapping[str, int]

    @property
    def n_notes(self) -> int:
        """All notes of the job."""
        return sum(self.counts.values())

    @property
    def status(self) -> str:
        """``cancelled``, ``running`` or ``done``."""
        if self.job.cancelled_at:
            return "cancelled"
        return "running" if self.counts.get(NoteStatus.QUEUED) else "done"


def add_job(unit: Unit, *, by: str) -> Job:
    """Make an empty job; its notes are added with its id."""
    job = Job(id=new_id("j"), user_id=by, created_at=unit.now)
    unit.session.add(job)
    unit.session.flush()
    unit.log("job.added", by, job=job.id)
    return job


def progress_of(session: Session, job: str, *, owner: str | None = None) -> Progress:
    """Return a job's progress; with ``owner``, only that user's jobs are there."""
    # PostgreSQL takes no NUL, not even to say that there is no such job.
    row = session.get(Job, job) if job.isprintable() else None
    if row is None or (owner and row.user_id != owner):
        raise NotFoundError("There is no job of this id.")
    query = select(NoteRow.status, func.count()).where(NoteRow.job_id == job)
    rows = session.execute(query.group_by(NoteRow.status))
    return Progress(row, {row[0]: row[1] for row in rows})


def notes_of_job(session: Session, job: str) -> list[str]:
    """Return the ids of a job's notes in the order in which they came."""
    query = select(NoteRow.id).where(NoteRow.job_id == job)
    return list(session.scalars(query.order_by(NoteRow.received_at, NoteRow.id)))


def cancel_job(unit: Unit, job: str, *, by: str, owner: str | None = None) -> None:
    """Take the notes that no model has read yet out of the queue."""
    progress = progress_of(unit.session, job, owner=owner)
    if progress.job.cancelled_at:
        return
    progress.job.cancelled_at = unit.now
    waiting = update(NoteRow).where(NoteRow.job_id == job, NoteRow.status == NoteStatus.QUEUED)
    unit.session.execute(waiting.values(status=NoteStatus.CANCELLED.value))
    unit.log("job.cancelled", by, job=job)
