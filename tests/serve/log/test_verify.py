"""A log that was tampered with, in every way that a database allows, and where it is found."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from cac.errors import InputError
from serve.log.chain import Entry, chained
from serve.log.heads import add_head, read_heads
from serve.log.verify import Head, Report, verify
from serve.secrets import KeyRing, Secrets
from serve.store import Store
from serve.store.logbook import (
    export_head,
    head_of,
    last_rows,
    links_of,
)

from ..conftest import Clock

N = 20


@pytest.fixture
def log(store: Store, clock: Clock) -> list[Head]:
    """Write N rows; the heads at the middle and at the end."""
    heads = []
    for n in range(N):
        clock.move(seconds=1)
        store.write(lambda unit, n=n: unit.log("test", "u", f"n{n}", 1, number=n, code="N18.32"))
        if n + 1 in (N // 2, N):
            with store.read() as session:
                heads.append(head_of(session))
    return heads


def report(store: Store, heads: list[Head] | None = None) -> Report:
    with store.read() as session:
        return verify(links_of(session), store.secrets.log, heads or [])


def tamper(store: Store, *statements: str) -> None:
    """Do as someone who owns the database can: take away the guards first."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            for verb in ("UPDATE", "DELETE"):
                connection.execute(text(f"DROP TRIGGER log_no_{verb}"))
        for statement in statements:
            connection.exec_driver_sql(statement)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = origin"))


def found(store: Store, heads: list[Head] | None = None) -> list[tuple[int, int, str]]:
    faults = report(store, heads).faults
    return [(f.first, f.last, f.what.split(":")[0]) for f in faults]


def test_a_log_that_nobody_touched_is_whole(store: Store, log: list[Head]) -> None:
    whole = report(store, log)
    assert whole.faults == ()
    assert whole.remarks == ()
    assert whole.n_rows == N
    assert (whole.head.seq, whole.head.mac) == (log[-1].seq, log[-1].mac)


def test_an_empty_log_is_whole(store: Store) -> None:
    assert report(store).faults == ()


COLUMNS = {
    "at": "'2020-01-01T00:00:00.000000+00:00'", "kind": "'other'", "user_id": "'v'",
    "note_id": "'another'", "version": "7", "body": "'{\"code\":\"I10\",\"number\":6}'",
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_is_found_in_its_row(
    store: Store, log: list[Head], column: str
) -> None:
    tamper(store, f"UPDATE log SET {column} = {COLUMNS[column]} WHERE seq = 7")
    assert found(store) == [(7, 7, "not as signed")]


def test_a_change_of_the_signature_is_found(store: Store, log: list[Head]) -> None:
    tamper(store, f"UPDATE log SET mac = '{'a' * 64}' WHERE seq = 7")
    assert found(store) == [(7, 8, "not as signed")]


def test_removal_is_found(store: Store, log: list[Head]) -> None:
    tamper(store, "DELETE FROM log WHERE seq IN (7, 8, 9) OR seq = 1")
    assert found(store) == [(1, 1, "missing"), (7, 9, "missing")]


def test_removal_with_later_rows_numbered_anew_is_found(store: Store, log: list[Head]) -> None:
    moves = [f"UPDATE log SET seq = {n - 1} WHERE seq = {n}" for n in range(8, N + 1)]
    tamper(store, "DELETE FROM log WHERE seq = 7", *moves)
    assert found(store)[0] == (7, N - 1, "not as signed")


def test_insertion_is_found(store: Store, log: list[Head]) -> None:
    moves = [f"UPDATE log SET seq = {n + 1} WHERE seq = {n}" for n in range(N, 7, -1)]
    copy = (
        "INSERT INTO log SELECT 8, at, kind, user_id, 'forged', 1, body, key_id, mac FROM log "
        "WHERE seq = 7"
    )
    tamper(store, *moves, copy)
    assert found(store) == [(8, N + 1, "not as signed")]


def test_insertion_at_the_end_is_found(store: Store, log: list[Head]) -> None:
    copy = (
        f"INSERT INTO log SELECT {N + 1}, at, kind, user_id, 'forged', 1, body, key_id, mac "
        f"FROM log WHERE seq = {N}"
    )
    tamper(store, copy)
    assert found(store) == [(N + 1, N + 1, "not as signed")]


def test_reorder_is_found(store: Store, log: list[Head]) -> None:
    swap = [
        "UPDATE log SET seq = 99 WHERE seq = 7",
        "UPDATE log SET seq = 7 WHERE seq = 12",
        "UPDATE log SET seq = 12 WHERE seq = 99",
    ]
    tamper(store, *swap)
    assert found(store) == [(7, 8, "not as signed"), (12, 13, "not as signed")]


def test_truncation_is_found_by_an_exported_head(store: Store, log: list[Head]) -> None:
    before = report(store)
    tamper(
        store,
        f"DELETE FROM log WHERE seq > {N - 3}",
        f"UPDATE log_head SET seq = {N - 3}, mac = (SELECT mac FROM log WHERE seq = {N - 3})",
    )
    assert before.faults == ()
    assert found(store) == []
    assert found(store, log) == [(N - 2, N, "missing at the end")]


def test_truncation_that_forgets_the_head_is_found_without_one(
    store: Store, log: list[Head]
) -> None:
    tamper(store, f"DELETE FROM log WHERE seq > {N - 3}")
    with store.read() as session:
        own = head_of(session)
    assert found(store, [own]) == [(N - 2, N, "missing at the end")]


def test_emptying_the_log_is_found(store: Store, log: list[Head]) -> None:
    tamper(store, "DELETE FROM log")
    assert found(store, log) == [(1, N, "missing at the end")]


def test_a_log_written_anew_by_who_has_the_key_is_found_by_an_exported_head(
    store: Store, log: list[Head]
) -> None:
    entries = [("2026-11-02T09:00:00.000000+00:00", Entry("test", "u")) for _ in range(N + 5)]
    links = list(chained(entries, ring=store.secrets.log, seq=0, mac="0" * 64))
    assert verify(links, store.secrets.log).faults == ()
    places = [(f.first, f.what.split(":")[0]) for f in verify(links, store.secrets.log, log).faults]
    assert places == [(N // 2, "not the row that was exported as head"), (N, places[0][1])]


def test_a_log_written_anew_without_the_key_is_found(store: Store) -> None:
    links = list(
        chained([("", Entry("test", "u"))] * 3, ring=Secrets.random().log, seq=0, mac="0" * 64)
    )
    assert [f.what for f in verify(links, store.secrets.log).faults] == [
        "signed with a key that is not in log.keys"
    ]
    [known] = store.secrets.log.keys
    named = [
        type(link)(*[known if s == "key_id" else getattr(link, s) for s in link.__slots__])
        for link in links
    ]
    assert [(f.first, f.last) for f in verify(named, store.secrets.log).faults] == [(1, 3)]


def test_the_database_itself_refuses_changes(store: Store, log: list[Head]) -> None:
    for statement in ("UPDATE log SET kind = 'x' WHERE seq = 1", "DELETE FROM log"):
        with pytest.raises(Exception, match="append-only"), store.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_clock_that_goes_back_is_remarked_and_no_fault(
    store: Store, log: list[Head], clock: Clock
) -> None:
    clock.move(hours=-2)
    store.write(lambda unit: unit.log("test", "u"))
    after = report(store, log)
    assert after.faults == ()
    assert [remark.split(":")[0] for remark in after.remarks] == [f"row {N + 1}"]


def test_a_new_key_of_the_log_goes_on_with_the_chain(store: Store, log: list[Head]) -> None:
    old = store.secrets.log.newest[1]
    both = KeyRing.of(b"k" * 32, old)
    store.secrets = Secrets(both, store.secrets.text, store.secrets.session)
    store.write(lambda unit: unit.log("test", "u"))
    assert report(store, log).faults == ()
    with store.read() as session:
        faults = verify(links_of(session), KeyRing.of(old)).faults
    assert [f.first for f in faults] == [N + 1]


def test_heads_in_a_file_are_read_back_but_for_a_line_cut_off(
    store: Store, log: list[Head], tmp_path: Path
) -> None:
    path = tmp_path / "keys" / "heads.jsonl"
    head = export_head(store, by="u")
    assert head.seq == N + 1
    for each in (*log, head):
        add_head(path, each, at="2026-11-02T09:00:00+00:00")
    path.write_text(path.read_text() + '{"seq": 999')
    read = read_heads(path)
    assert [(h.seq, h.mac) for h in read] == [(h.seq, h.mac) for h in (*log, head)]
    assert report(store, read).faults == ()
    path.write_text("no head\n")
    with pytest.raises(InputError, match="line 1"):
        read_heads(path)


def test_the_newest_rows_come_first(store: Store, log: list[Head]) -> None:
    with store.read() as session:
        page = last_rows(session, before=10, limit=3)
    assert [row.seq for row in page] == [9, 8, 7]
    assert json.loads(page[0].body) == {"code": "N18.32", "number": 8}
