"""Jobs: whose they are, and whether they were cancelled."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.secrets import Secrets
from serve.store.audit.found import Found
from serve.store.audit.logged import JobStory, Logged
from serve.store.kept import instant
from serve.store.tables import Job


def audit_jobs(session: Session, _: Secrets, logged: Logged, found: Found) -> None:
    """Hold each job against the log, and find those that are gone."""
    rows = {row.id: row for row in session.scalars(select(Job).order_by(Job.id))}
    for id_ in sorted(rows.keys() | logged.jobs.keys()):
        row, story = rows.get(id_), logged.jobs.get(id_)
        if story is None:
            found.faults.append(f"job {id_}: was not put in by this program")
        elif row is None:
            found.faults.append(f"job {id_}: was removed from the database")
        elif JobStory(row.user_id, instant(row.cancelled_at)) != story:
            found.faults.append(f"job {id_}: its owner or its end is not the log's")
