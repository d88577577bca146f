"""The words of notes and comments: there, openable, and those that were kept."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.errors import SettingsError
from serve.log.binding import is_bound
from serve.secrets import DamagedTextError, Secrets
from serve.store.audit.found import Found
from serve.store.audit.logged import Logged, Story
from serve.store.kept import text_place
from serve.store.tables import TextRow
from serve.store.texts import opened

_N_AT_ONCE = 100
_NAMES = {"note": "its text", "comment": "a comment"}


def audit_texts(session: Session, secrets: Secrets, logged: Logged, found: Found) -> None:
    """Open all words, hold them against the log, and find those that are gone."""
    seen: set[str] = set()
    query = select(TextRow).order_by(TextRow.note, TextRow.id)
    for row in session.scalars(query.execution_options(yield_per=_N_AT_ONCE)):
        story = logged.notes.get(row.note, Story())
        if what := _wrong(secrets, story, row, found):
            found.fault(row.note, f"{_NAMES.get(row.kind, 'words')} ({row.id}) {what}")
        seen.add(row.id if row.id in story.texts else f"{row.note}/{row.kind}")
    for note, story in logged.notes.items():
        missing = [(kind, id_) for id_, (kind, _) in story.texts.items() if id_ not in seen]
        if story.has_plain_text and f"{note}/note" not in seen:
            missing.append(("note", "kept by an earlier version"))
        for kind, id_ in missing:
            found.fault(note, f"{_NAMES[kind]} ({id_}) is missing, and the log knows no deletion")


def _wrong(secrets: Secrets, story: Story, row: TextRow, found: Found) -> str:
    kind, binding = story.texts.get(row.id, ("", ""))
    is_plain = not kind and row.kind == "note" and story.has_plain_text
    if not is_plain and kind != row.kind:
        return "is still there, and by the log deleted" if story.is_deleted else "was put in"
    if not row.sealed:
        return "was destroyed: nothing of it is left"
    try:
        words = opened(secrets, row)
    except DamagedTextError:
        return "was altered, destroyed, or moved from elsewhere: its seal does not open"
    except SettingsError:
        return f"cannot be opened: its key {row.key_id} is not in text.keys"
    if not binding:
        found.n_uncovered["texts"] += 1
        return ""
    right = is_bound(secrets.log, binding, text_place(row), words)
    return "" if right else "is not the one that was kept"
