"""Three invented notes in the work list of an empty server, so that a first visitor can review."""

from __future__ import annotations

from sqlalchemy import select

from cac.demo import load_demo_notes
from serve.store import Unit
from serve.store.notes import add_note
from serve.store.tables import NoteRow

_PAYERS = ("Sample Health Plan", "Sample Mutual", "Sample Health Plan")


def add_samples(unit: Unit, *, by: str) -> int:
    """Queue the demo notes where there is no note yet.

    Args:
        unit: In which they are added.
        by: The id of the user whom the log names as their sender.

    Returns:
        How many were added: none where there are notes already.
    """
    if unit.session.scalars(select(NoteRow.id).limit(1)).first():
        return 0
    notes = load_demo_notes()
    for priority, (note, payer) in enumerate(zip(notes, _PAYERS, strict=True)):
        add_note(unit, note, by=by, priority=priority, payer=payer)
    return len(notes)
