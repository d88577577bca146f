"""Notes that were queued for review, whatever becomes of one of them."""

from typing import Any

import pytest
from sqlalchemy import text

from cac.note import Note
from serve.engine.background import Background
from serve.engine.engine import Engine
from serve.engine.models import Models
from serve.store import Store
from serve.store.audit import audit
from serve.store.notes import add_note, note_row

from ..waiting import wait_for


@pytest.mark.parametrize(
    ("left", "failure"), [("X'00'", "DamagedTextError"), ("'no bytes'", "TypeError")]
)
def test_a_note_whose_words_were_damaged_does_not_hold_up_the_others(
    store: Store, people: dict[str, str], stubs: dict[str, Any], left: str, failure: str
) -> None:
    by = people["coder"]
    damaged, whole = (
        store.write(lambda unit, n=n: add_note(unit, Note(f"n{n}", "CKD"), by=by, priority=n).id)
        for n in (9, 0)
    )
    with store.engine.begin() as connection:
        update = text(f"UPDATE texts SET sealed = {left} WHERE note = :note")
        connection.execute(update, {"note": damaged})
    engine = Engine(Models(lambda bundle: stubs[bundle or "a"]))
    background = Background(store, engine, pause_s=0.01)
    engine.start("")
    background.start()
    try:
        wait_for(lambda: status(store, whole) == "ready", "the other note is suggested for")
    finally:
        engine.stop()
        background.stop()
    assert status(store, damaged) == "failed"
    with store.read() as session:
        assert note_row(session, damaged).failure == failure
        [fault] = audit(session, store.secrets).faults
    assert fault.startswith((f"note {damaged}: its text (", "texts: a row cannot be read"))


def status(store: Store, note: str) -> str:
    with store.read() as session:
        return note_row(session, note).status
