"""Rows beside the log that were destroyed, altered, swapped, put in or taken out, and are named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from cac.note import Note
from serve.errors import GoneError
from serve.log.chain import START
from serve.review import Decision, Kind
from serve.secrets import KeyRing, Secrets
from serve.store import Store
from serve.store.answers import put_answer, put_failure
from serve.store.audit import audit
from serve.store.audit.found import Found
from serve.store.claims import claim, release
from serve.store.jobs import add_job, cancel_job
from serve.store.notes import add_note, delete_expired, delete_text
from serve.store.reviews import decide
from serve.store.seconds import add_second
from serve.store.store import append
from serve.store.tables import LogRow
from serve.store.texts import seal_again

from ..conftest import Clock
from .test_reviews import CKD, NOTE, RESULT


@pytest.fixture
def notes(store: Store, people: dict[str, str], clock: Clock) -> list[str]:
    """Two notes of one job, suggested for, with a decision and a comment on each."""
    by = people["coder"]
    job = store.write(lambda unit: add_job(unit, by=by).id)
    ids = []
    for name in ("visit-1", "visit-2"):
        clock.move(seconds=1)
        note = replace(NOTE, note_id=name, text=f"{NOTE.text} {name}")
        id_ = store.write(lambda unit, note=note: add_note(unit, note, by=by, job_id=job).id)
        store.write(lambda unit, id_=id_: put_answer(unit, id_, RESULT))
        steps = [Decision(Kind.ACCEPT, CKD), Decision(Kind.COMMENT, comment=f"of {name}")]
        store.write(
            lambda unit, id_=id_, steps=steps: decide(unit, id_, steps, by=by, expected_version=0)
        )
        ids.append(id_)
    return ids


def found(store: Store) -> Found:
    with store.read() as session:
        return audit(session, store.secrets)


@contextmanager
def unguarded(store: Store) -> Iterator[Connection]:
    """Do as someone who owns the database can: neither guard nor foreign key holds."""
    is_postgresql = store.engine.dialect.name == "postgresql"
    with store.engine.connect() as connection:
        if is_postgresql:
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS log_no_{verb}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()
        if is_postgresql:
            connection.execute(text("SET session_replication_role = origin"))
        else:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.exec_driver_sql("BEGIN")
        connection.commit()


def tamper(store: Store, statement: str, **values: object) -> None:
    with unguarded(store) as connection:
        assert connection.execute(text(statement), values).rowcount


def text_of(store: Store, note: str, kind: str = "note") -> tuple[str, bytes]:
    """Return the id of the row of a note's words, and what is sealed in it."""
    query = text("SELECT id, sealed FROM texts WHERE note = :note AND kind = :kind")
    with store.engine.connect() as connection:
        [row] = connection.execute(query, {"note": note, "kind": kind})
    return row.id, bytes(row.sealed)


def test_what_nobody_touched_is_whole_and_covered(store: Store, notes: list[str]) -> None:
    whole = found(store)
    assert whole.faults == []
    assert whole.remarks == []


ALTERED = "was altered, destroyed, or moved from elsewhere: its seal does not open"


@pytest.mark.parametrize("kind", ["note", "comment"])
@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_bit_that_is_flipped_is_found(
    store: Store, notes: list[str], kind: str, place: int
) -> None:
    id_, sealed = text_of(store, notes[0], kind)
    damaged = bytearray(sealed)
    damaged[place] ^= 1
    tamper(store, "UPDATE texts SET sealed = :s WHERE id = :id", s=bytes(damaged), id=id_)
    name = "its text" if kind == "note" else "a comment"
    assert found(store).faults == [f"note {notes[0]}: {name} ({id_}) {ALTERED}"]


@pytest.mark.parametrize(
    ("left", "says"), [(b"", "was destroyed: nothing of it is left"), (b"12345", ALTERED)]
)
def test_text_that_was_destroyed_is_found(
    store: Store, notes: list[str], left: bytes, says: str
) -> None:
    id_, _ = text_of(store, notes[1])
    tamper(store, "UPDATE texts SET sealed = :s WHERE id = :id", s=left, id=id_)
    assert found(store).faults == [f"note {notes[1]}: its text ({id_}) {says}"]


def test_texts_of_two_notes_that_were_swapped_are_found(store: Store, notes: list[str]) -> None:
    (one, sealed_one), (two, sealed_two) = (text_of(store, note) for note in notes)
    for id_, sealed in ((one, sealed_two), (two, sealed_one)):
        tamper(store, "UPDATE texts SET sealed = :s WHERE id = :id", s=sealed, id=id_)
    assert found(store).faults == [
        f"note {note}: its text ({id_}) {ALTERED}"
        for note, id_ in zip(notes, (one, two), strict=True)
    ]


def test_text_that_was_sealed_anew_by_who_has_its_key_is_found(
    store: Store, notes: list[str]
) -> None:
    from serve.secrets import seal

    id_, _ = text_of(store, notes[0])
    _, forged = seal(store.secrets.text, '{"text":"x"}', place=f"{notes[0]}/note/{id_}")
    tamper(store, "UPDATE texts SET sealed = :s WHERE id = :id", s=forged, id=id_)
    assert found(store).faults == [
        f"note {notes[0]}: its text ({id_}) is not the one that was kept"
    ]


@pytest.mark.parametrize("kind", ["note", "comment"])
def test_text_that_was_removed_is_found(store: Store, notes: list[str], kind: str) -> None:
    id_, _ = text_of(store, notes[0], kind)
    tamper(store, "DELETE FROM texts WHERE id = :id", id=id_)
    [fault] = found(store).faults
    assert fault.startswith(f"note {notes[0]}: ")
    assert fault.endswith(f"({id_}) is missing, and the log knows no deletion")


def test_text_that_was_put_in_is_found(store: Store, notes: list[str]) -> None:
    id_, sealed = text_of(store, notes[0])
    tamper(
        store,
        "INSERT INTO texts SELECT 't_x', note, kind, key_id, :s FROM texts WHERE id = :id",
        s=sealed, id=id_,
    )  # fmt: skip
    assert found(store).faults == [f"note {notes[0]}: its text (t_x) was put in"]


def test_text_whose_key_is_not_at_hand_is_told_from_altered_text(
    store: Store, notes: list[str]
) -> None:
    key_id = store.secrets.text.newest[0]
    store.secrets = replace(store.secrets, text=KeyRing.of(b"n" * 32))
    faults = found(store).faults
    assert len(faults) == 4
    assert all(f"its key {key_id} is not in text.keys" in fault for fault in faults)


def test_lawful_deletion_is_no_fault(
    store: Store, notes: list[str], people: dict[str, str]
) -> None:
    store.write(lambda unit: delete_text(unit, notes[0], by=people["administrator"]))
    assert found(store).faults == []
    with pytest.raises(GoneError):
        store.write(
            lambda unit: decide(
                unit, notes[0], [Decision(Kind.COMMENT, comment="after all")],
                by=people["coder"], expected_version=2,
            )
        )  # fmt: skip


def test_text_that_came_back_after_its_deletion_is_found(
    store: Store, notes: list[str], people: dict[str, str]
) -> None:
    id_, sealed = text_of(store, notes[0])
    key = store.secrets.text.newest[0]
    store.write(lambda unit: delete_text(unit, notes[0], by=people["administrator"]))
    tamper(
        store, "INSERT INTO texts VALUES (:id, :note, 'note', :key, :s)",
        id=id_, note=notes[0], key=key, s=sealed,
    )  # fmt: skip
    assert found(store).faults == [
        f"note {notes[0]}: its text ({id_}) is still there, and by the log deleted"
    ]


def test_retention_is_no_fault(
    store: Store, notes: list[str], people: dict[str, str], clock: Clock
) -> None:
    store.settings = store.settings.model_copy(update={"retention_days": 30})
    done = [Decision(Kind.COMPLETE)]
    store.write(lambda unit: decide(unit, notes[0], done, by=people["coder"], expected_version=2))
    clock.move(days=31)
    assert store.write(lambda unit: delete_expired(unit, by="system")) == 1
    assert found(store).faults == []


def test_new_keys_are_no_fault(store: Store, notes: list[str]) -> None:
    old = store.secrets
    log = KeyRing.of(b"l" * 32, old.log.newest[1])
    store.secrets = Secrets(log, KeyRing.of(b"t" * 32, old.text.newest[1]), old.session)
    assert found(store).faults == []
    assert store.write(seal_again)
    store.secrets = replace(store.secrets, text=KeyRing.of(b"t" * 32))
    whole = found(store)
    assert whole.faults == []
    assert whole.remarks == []


def test_the_whole_of_a_notes_work_is_no_fault(
    store: Store, notes: list[str], people: dict[str, str], clock: Clock
) -> None:
    by = people["coder"]
    job = store.write(lambda unit: add_job(unit, by=by).id)
    for name in ("failed", "cancelled", "deleted"):
        note = replace(NOTE, note_id=name)
        id_ = store.write(lambda unit, note=note: add_note(unit, note, by=by, job_id=job).id)
        if name == "failed":
            store.write(lambda unit, id_=id_: put_failure(unit, id_, "InputError"))
            store.write(lambda unit, id_=id_: put_answer(unit, id_, RESULT))
        if name == "deleted":
            store.write(lambda unit, id_=id_: delete_text(unit, id_, by=by))
    store.write(lambda unit: cancel_job(unit, job, by=by))
    store.write(lambda unit: add_second(unit, notes[0], by=people["auditor"]))
    store.write(lambda unit: release(unit, notes[0], by=by))
    store.write(lambda unit: claim(unit, notes[0], by=people["administrator"]))
    clock.move(hours=2)
    store.write(lambda unit: claim(unit, notes[0], by=by))
    for version, kind in ((2, Kind.COMPLETE), (3, Kind.REOPEN), (4, Kind.COMPLETE)):
        clock.move(seconds=3)
        store.write(
            lambda unit, v=version, k=kind: decide(
                unit, notes[0], [Decision(k)], by=by, expected_version=v
            )
        )
    store.write(lambda unit: put_answer(unit, notes[0], RESULT, is_shadow=True))
    whole = found(store)
    assert whole.faults == []
    assert whole.remarks == []


PARTICULARS = "its particulars (such as setting, payer, blinded) were altered"
FORGED = {
    "UPDATE notes SET blinded = NOT blinded WHERE id = :note": PARTICULARS,
    "UPDATE notes SET payer = 'another' WHERE id = :note": PARTICULARS,
    "UPDATE notes SET received_at = '2020-01-01 00:00:00' WHERE id = :note": PARTICULARS,
    "UPDATE notes SET version = 3 WHERE id = :note": (
        "its number of decisions is 3, and by the log 2"
    ),
    "UPDATE notes SET status = 'cancelled' WHERE id = :note": "is cancelled, and by the log ready",
    "UPDATE notes SET status = 'complete' WHERE id = :note": "is complete, and by the log ready",
    "UPDATE notes SET completed_at = '2020-01-01 00:00:00' WHERE id = :note": (
        "was completed at another time than the log says"
    ),
    "UPDATE notes SET claimed_by = NULL WHERE id = :note": (
        "is held by somebody else than the log says"
    ),
    "UPDATE notes SET text_deleted_at = '2020-01-01 00:00:00' WHERE id = :note": (
        "its text is said to be deleted, not by the log"
    ),
    "UPDATE answers SET record = replace(record, '0.9', '0.1') WHERE note = :note": (
        "answer # was altered"
    ),
    "UPDATE answers SET is_shadow = NOT is_shadow WHERE note = :note": "answer # was altered",
    "DELETE FROM answers WHERE note = :note": "answer # is missing",
    "INSERT INTO answers SELECT 999, note, made_at, model_version, is_shadow, record FROM answers "
    "WHERE note = :note": "answer # was put in or altered",
}  # fmt: skip


@pytest.mark.parametrize("statement", FORGED)
def test_a_row_that_was_changed_past_the_program_is_named(
    store: Store, notes: list[str], statement: str
) -> None:
    tamper(store, statement, note=notes[1])
    [fault] = found(store).faults
    told = " ".join("#" if word.isdigit() and "answer" in fault else word for word in fault.split())
    assert told == f"note {notes[1]}: {FORGED[statement]}"


def test_a_note_that_was_removed_or_put_in_is_named(store: Store, notes: list[str]) -> None:
    tamper(store, "UPDATE notes SET id = 'n_x' WHERE id = :note", note=notes[0])
    assert [f for f in found(store).faults if "text" not in f] == [
        "note n_x: was not put in by this program",
        f"note {notes[0]}: was removed from the database",
    ]


def test_jobs_are_held_against_the_log(store: Store, notes: list[str]) -> None:
    tamper(store, "UPDATE jobs SET user_id = 'another'")
    [fault] = found(store).faults
    assert fault.endswith("its owner or its end is not the log's")
    tamper(store, "UPDATE jobs SET id = 'j_x'")
    assert [fault.split(": ")[1] for fault in found(store).faults] == [
        "was removed from the database", "was not put in by this program",
    ]  # fmt: skip


def test_what_an_earlier_version_kept_is_not_covered_and_no_fault(
    store: Store, notes: list[str]
) -> None:
    as_of_before(store)
    old = found(store)
    assert old.faults == []
    assert [remark.partition(" not covered")[0] for remark in old.remarks] == [
        "2 answers", "2 notes' particulars", "4 texts",
    ]  # fmt: skip
    id_, sealed = text_of(store, notes[0])
    tamper(store, "UPDATE texts SET sealed = :s WHERE id = :id", s=sealed[:-1] + b"x", id=id_)
    tamper(store, "DELETE FROM texts WHERE note = :note AND kind = 'note'", note=notes[1])
    tamper(store, "UPDATE answers SET record = '{}' WHERE note = :note", note=notes[1])
    faults = found(store).faults
    assert f"note {notes[0]}: its text ({id_}) {ALTERED}" in faults
    missing = "is missing, and the log knows no deletion"
    assert f"note {notes[1]}: its text (kept by an earlier version) {missing}" in faults
    assert any(fault.endswith("was put in or altered") for fault in faults)
    assert any("kept by an earlier version is missing" in fault for fault in faults)


def as_of_before(store: Store) -> None:
    """Write the log anew as a version before wrote it, which bound nothing."""
    from serve.log.chain import Entry

    with store.read() as session:
        rows = session.query(LogRow).order_by(LogRow.seq).all()
    later = ("text", "answer", "text_mac", "answer_mac", "row_mac", "comment_mac")
    entries = []
    for row in rows:
        body = {k: v for k, v in json.loads(row.body).items() if k not in later}
        entries.append((row.at, Entry(row.kind, row.user_id, row.note_id, row.version, body)))
    with unguarded(store) as connection:
        connection.execute(text("DELETE FROM log"))
        connection.execute(text("UPDATE log_head SET seq = 0, mac = :mac"), {"mac": START})
        append(connection, store.secrets, entries)


def test_a_row_of_the_log_that_cannot_be_read_does_not_end_the_audit(
    store: Store, notes: list[str]
) -> None:
    tamper(store, "UPDATE log SET body = 'no JSON' WHERE kind = 'note.suggested'")
    assert len(found(store).faults) == 4


def test_a_clock_that_goes_back_is_no_fault(
    store: Store, notes: list[str], people: dict[str, str], clock: Clock
) -> None:
    by = people["coder"]
    for version, kind in ((2, Kind.COMPLETE), (3, Kind.REOPEN), (4, Kind.COMPLETE)):
        clock.move(hours=-5)
        store.write(
            lambda unit, v=version, k=kind: decide(
                unit, notes[0], [Decision(k)], by=by, expected_version=v
            )
        )
    assert found(store).faults == []


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE notes SET completed_at = 'never'", "notes"),
        ("UPDATE texts SET sealed = 7", "texts"),
        ("UPDATE answers SET made_at = 'never'", "answers"),
        ("UPDATE jobs SET created_at = 'never'", "jobs"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_and_the_others_are_checked(
    store: Store, notes: list[str], statement: str, table: str
) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL takes nothing but times and bytes into such a column")
    tamper(store, statement)
    tamper(store, "INSERT INTO settings VALUES ('x', '1', '2026-01-01 00:00:00', 'u')")
    first, *_, last = found(store).faults
    assert first.startswith(f"{table}: a row cannot be read")
    assert last.startswith("setting x: ")


def test_the_same_words_have_another_binding_elsewhere(
    store: Store, notes: list[str], people: dict[str, str]
) -> None:
    same = Note("visit-3", f"{NOTE.text} visit-1")
    store.write(lambda unit: add_note(unit, same, by=people["coder"]))
    with store.read() as session:
        bodies = [
            json.loads(row.body)
            for row in session.query(LogRow).where(LogRow.kind == "note.received")
        ]
    assert len({body["text_mac"] for body in bodies}) == 3
