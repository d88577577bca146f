"""The other tables held against the log: what was changed, put in or taken out past the program."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from serve.secrets import Secrets
from serve.store.audit.answers import audit_answers
from serve.store.audit.found import Found
from serve.store.audit.jobs import audit_jobs
from serve.store.audit.logged import Logged, body_of, read_log
from serve.store.audit.notes import audit_notes
from serve.store.audit.settings import audit_settings
from serve.store.audit.texts import audit_texts

__all__ = ["Found", "audit", "body_of"]

_PARTS: dict[str, Callable[[Session, Secrets, Logged, Found], None]] = {
    "notes": audit_notes,
    "texts": audit_texts,
    "answers": audit_answers,
    "jobs": audit_jobs,
    "settings": audit_settings,
}


def audit(session: Session, secrets: Secrets) -> Found:
    """Hold notes, their words, answers, jobs and stored settings against the log.

    Deletion on request, retention and new keys are in the log, and are no faults.

    Args:
        session: Sees one state of log and tables.
        secrets: The keys of the log and of the text.
    """
    logged, found = read_log(session), Found()
    for table, part in _PARTS.items():
        with found.reading(table):
            part(session, secrets, logged, found)
    return found
