"""What models said: all of it there, nothing more, and as it was said."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.log.binding import is_bound
from serve.secrets import Secrets
from serve.store.answers import codes_of
from serve.store.audit.found import Found
from serve.store.audit.logged import Logged, Story, plain_answer
from serve.store.kept import answer_kept, answer_place
from serve.store.tables import AnswerRow

_N_AT_ONCE = 100


def audit_answers(session: Session, secrets: Secrets, logged: Logged, found: Found) -> None:
    """Hold each answer against the log, and find those that are gone."""
    seen: set[int] = set()
    query = select(AnswerRow).order_by(AnswerRow.id).execution_options(yield_per=_N_AT_ONCE)
    for row in session.scalars(query):
        seen.add(row.id)
        if what := _wrong(secrets, logged.notes.get(row.note, Story()), row, found):
            found.fault(row.note, f"answer {row.id} {what}")
    for note, story in logged.notes.items():
        for id_ in sorted(story.answers.keys() - seen):
            found.fault(note, f"answer {id_} is missing")
        for _ in story.plain_answers:
            found.fault(note, "an answer kept by an earlier version is missing or was altered")


def _wrong(secrets: Secrets, story: Story, row: AnswerRow, found: Found) -> str:
    if binding := story.answers.get(row.id):
        right = is_bound(secrets.log, binding, answer_place(row), answer_kept(row))
        return "" if right else "was altered"
    plain = _plain(row)
    if plain not in story.plain_answers:
        return "was put in or altered"
    story.plain_answers.remove(plain)
    found.n_uncovered["answers"] += 1
    return ""


def _plain(row: AnswerRow) -> str:
    """Return what the log of an earlier version would say of a row; "" where it is no answer."""
    try:
        return plain_answer(row.model_version, row.is_shadow, codes_of(json.loads(row.record)))
    except (ValueError, KeyError, TypeError):
        return ""
