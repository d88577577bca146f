"""What is looked after once a minute, and goes on whatever keeps a part of it from being done."""

import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from serve.log.heads import NAME, read_heads
from serve.review import Decision, Kind
from serve.secrets import KeyRing, Secrets
from serve.store import Store, upkeep
from serve.store.audit import audit
from serve.store.notes import read_note
from serve.store.reviews import decide
from serve.store.upkeep import Upkeep

from ..conftest import Clock
from ..waiting import wait_for
from .test_audit import notes, tamper, text_of

__all__ = ["notes"]  # A fixture.


def sealed_by(store: Store) -> set[str]:
    with store.engine.connect() as connection:
        return set(connection.execute(text("SELECT key_id FROM texts")).scalars())


def with_a_new_key(store: Store) -> None:
    old = store.secrets
    store.secrets = Secrets(old.log, KeyRing.of(b"t" * 32, old.text.newest[1]), old.session)


def test_a_folder_that_cannot_be_written_keeps_nothing_else_from_being_done(
    store: Store, notes: list[str], people: dict[str, str], clock: Clock,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    store.settings = store.settings.model_copy(update={"retention_days": 30})
    done = [Decision(Kind.COMPLETE)]
    store.write(lambda unit: decide(unit, notes[0], done, by=people["coder"], expected_version=2))
    clock.move(days=31)
    with_a_new_key(store)

    def refused(*_: Any, **__: Any) -> None:
        raise PermissionError("read-only")

    emptied: list[bool] = []
    monkeypatch.setattr(upkeep, "add_head", refused)
    monkeypatch.setattr(store, "checkpoint", lambda: emptied.append(True))
    with caplog.at_level(logging.ERROR):
        Upkeep(store).once()
    assert [record.fields for record in caplog.records] == [  # type: ignore[attr-defined]
        {"step": "_keep_head", "error": "PermissionError"}
    ]
    assert emptied == [True]
    with store.engine.connect() as connection:
        left = set(connection.execute(text("SELECT note FROM texts")).scalars())
    assert left == {notes[1]}
    assert sealed_by(store) == {store.secrets.text.newest[0]}


def test_words_that_cannot_be_opened_do_not_end_it(store: Store, notes: list[str]) -> None:
    old = store.secrets.text.newest[0]
    id_, sealed = text_of(store, notes[0])
    tamper(store, "UPDATE texts SET sealed = :s WHERE id = :id", s=sealed[:-1] + b"x", id=id_)
    with_a_new_key(store)
    looking = Upkeep(store, every_s=0.01)
    looking.start()
    try:
        wait_for(lambda: len(sealed_by(store)) == 2, "the other words are sealed anew")
        store.write(lambda unit: unit.log("test", "u"))
        path = store.settings.secrets / NAME
        wait_for(lambda: path.exists() and read_heads(path), "a head is kept")
    finally:
        looking.stop()
    assert sealed_by(store) == {old, store.secrets.text.newest[0]}
    with store.read() as session:
        assert read_note(session, store.secrets, notes[1]).text.endswith("visit-2")
        [fault] = audit(session, store.secrets).faults
    assert fault.startswith(f"note {notes[0]}: its text ({id_}) was altered")


def test_a_log_that_was_cut_is_said_within_a_minute(
    store: Store, notes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    Upkeep(store).once()
    Upkeep(store).once()
    path = store.settings.secrets / NAME
    [kept] = read_heads(path)
    tamper(store, f"DELETE FROM log WHERE seq > {kept.seq - 3}")
    tamper(
        store,
        f"UPDATE log_head SET seq = {kept.seq - 3}, "
        f"mac = (SELECT mac FROM log WHERE seq = {kept.seq - 3})",
    )
    with caplog.at_level(logging.ERROR):
        Upkeep(store).once()
    assert [(r.message[:15], r.fields) for r in caplog.records] == [  # type: ignore[attr-defined]
        ("the log was cut", {"row": kept.seq})
    ]
    assert [head.seq for head in read_heads(path)] == [kept.seq, kept.seq - 3]


def test_heads_that_cannot_be_read_keep_no_new_one_from_being_kept(
    store: Store, notes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    path: Path = store.settings.secrets / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("no head\n")
    with caplog.at_level(logging.ERROR):
        Upkeep(store).once()
    assert "cannot be read" in caplog.records[0].message
    assert path.read_text().count("\n") == 2
