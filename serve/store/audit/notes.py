"""Notes without their words: received as they are, and where the log says that they stand."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.log.binding import is_bound
from serve.secrets import Secrets
from serve.store.audit.found import Found
from serve.store.audit.logged import Logged, Story
from serve.store.kept import instant, note_kept, note_place
from serve.store.tables import NoteRow

_N_AT_ONCE = 1000


def audit_notes(session: Session, secrets: Secrets, logged: Logged, found: Found) -> None:
    """Hold each note against its story, and find those that are gone."""
    gone = {note for note, story in logged.notes.items() if story.was_received}
    query = select(NoteRow).order_by(NoteRow.id).execution_options(yield_per=_N_AT_ONCE)
    for row in session.scalars(query):
        gone.discard(row.id)
        story = logged.notes.get(row.id, Story())
        if not story.was_received:
            found.fault(row.id, "was not put in by this program")
            continue
        if not story.binding:
            found.n_uncovered["notes' particulars"] += 1
        elif not is_bound(secrets.log, story.binding, note_place(row), note_kept(row)):
            found.fault(row.id, "its particulars (such as setting, payer, blinded) were altered")
        for what in _out_of_step(row, story):
            found.fault(row.id, what)
    for note in sorted(gone):
        found.fault(note, "was removed from the database")


def _out_of_step(row: NoteRow, story: Story) -> Iterator[str]:
    if row.version != story.version:
        yield f"its number of decisions is {row.version}, and by the log {story.version}"
    if row.status != story.status:
        yield f"is {row.status}, and by the log {story.status}"
    if instant(row.completed_at) != story.completed_at:
        yield "was completed at another time than the log says"
    if row.claimed_by != story.claimed_by:
        yield "is held by somebody else than the log says"
    if (row.text_deleted_at is not None) != story.is_deleted:
        yield f"its text is said to be {'kept' if story.is_deleted else 'deleted'}, not by the log"
