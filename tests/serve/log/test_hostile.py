"""What a hostile hand does to log and heads beyond changing a row, and where it is found."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from serve.log import heads
from serve.log.chain import START, Entry, Link, chained
from serve.log.heads import add_head, read_heads
from serve.log.verify import Head, verify
from serve.secrets import KeyRing
from serve.store import Store
from serve.store.logbook import head_of, is_kept, own_heads

from .test_verify import N, found, log, report, tamper

__all__ = ["log"]  # A fixture.

RING = KeyRing.of(b"k" * 32)
AT = "2026-11-02T09:00:00.000000+00:00"


@pytest.fixture
def links() -> list[Link]:
    entries = [(AT, Entry("test", "u", body={"number": n})) for n in range(N)]
    return list(chained(entries, ring=RING, seq=0, mac=START))


def places(links: list[Link], *kept: Head) -> list[tuple[int, int, str]]:
    faults = verify(links, RING, kept).faults
    return [(f.first, f.last, f.what.split(":")[0]) for f in faults]


MISPLACED = "numbered as no row that follows the one before"


@pytest.mark.parametrize("seq", [0, -5])
def test_a_row_before_the_first_is_found_and_the_others_are_whole(
    store: Store, log: list[Head], seq: int
) -> None:
    tamper(
        store,
        f"INSERT INTO log SELECT {seq}, at, kind, user_id, 'forged', 1, body, key_id, mac "
        "FROM log WHERE seq = 7",
    )
    assert found(store, log) == [(seq, seq, MISPLACED)]


def test_a_row_that_stands_twice_in_an_export_is_found(links: list[Link]) -> None:
    assert places([*links[:7], links[3], *links[7:]]) == [(4, 4, MISPLACED)]


def test_a_row_after_missing_ones_is_held_against_a_kept_head(links: list[Link]) -> None:
    forged = replace(links[9], user_id="v")
    cut = [*links[:6], forged, *links[10:]]
    kept = Head(9, links[8].mac)
    assert places(cut, kept) == [(7, 9, "missing"), (10, 10, "not as signed")]
    assert places([*links[:6], *links[9:]], kept) == [(7, 9, "missing")]


def test_a_row_after_missing_ones_that_cannot_be_checked_is_remarked(links: list[Link]) -> None:
    after = verify([*links[:6], *links[9:]], RING)
    assert after.remarks == ("row 10: could not be checked, the one before is missing",)


@pytest.mark.parametrize(
    ("column", "value"),
    [("mac", "'\u00e9'"), ("mac", "X'00'"), ("body", "X'00'"), ("at", "X'00'"), ("version", "'x'")],
)
def test_what_no_signature_can_stand_for_is_found_in_its_row(
    store: Store, log: list[Head], column: str, value: str
) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL takes nothing but text into a column of text")
    tamper(store, f"UPDATE log SET {column} = {value} WHERE seq = 7")
    first = found(store, log)[0]
    assert (first[0], first[2]) == (7, "not as signed")


def test_a_log_that_was_cut_and_has_grown_again_is_found_by_an_old_head(
    store: Store, log: list[Head]
) -> None:
    tamper(
        store,
        f"DELETE FROM log WHERE seq > {N - 3}",
        f"UPDATE log_head SET seq = {N - 3}, mac = (SELECT mac FROM log WHERE seq = {N - 3})",
    )
    for _ in range(10):
        store.write(lambda unit: unit.log("test", "u"))
    assert found(store) == []
    assert found(store, log) == [(N, N, "not the row that was exported as head")]


def test_a_kept_head_is_looked_up_in_the_log(store: Store, log: list[Head]) -> None:
    with store.read() as session:
        assert all(is_kept(session, head) for head in (*log, Head(0, START)))
        assert not is_kept(session, Head(N, "0" * 64))
        assert not is_kept(session, Head(N + 1, log[-1].mac))


def test_the_end_that_the_database_keeps_may_have_been_removed(
    store: Store, log: list[Head]
) -> None:
    with store.read() as session:
        assert own_heads(session) == [head_of(session)]
    tamper(store, "DELETE FROM log_head")
    with store.read() as session:
        assert own_heads(session) == []
    with pytest.raises(Exception, match="No row was found"):
        store.write(lambda unit: unit.log("test", "u"))
    assert report(store).n_rows == N


def test_a_head_after_half_a_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    first, second = Head(1, "a" * 64), Head(2, "b" * 64)
    add_head(path, first, at=AT)
    half = json.dumps({"seq": 9, "mac": "c" * 64})[:20]
    path.write_text(path.read_text() + half)
    add_head(path, second, at=AT)
    assert [(h.seq, h.mac) for h in read_heads(path)] == [(1, "a" * 64), (2, "b" * 64)]
    assert path.read_text().count("\n") == 3
    path.write_bytes(path.read_bytes() + b"{\xff\xfe")
    assert len(read_heads(path)) == 2


@pytest.mark.parametrize("cut", range(1, 30, 4))
def test_a_head_that_was_killed_at_any_moment_hides_no_other(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "heads.jsonl"
    add_head(path, Head(1, "a" * 64), at=AT)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:cut])
    add_head(path, Head(2, "b" * 64), at=AT)
    assert [h.seq for h in read_heads(path)] == [1, 2]


def test_a_head_is_on_disk_with_the_name_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync: Callable[[int], None] = heads.os.fsync

    def watched(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").resolve())
        fsync(handle)

    monkeypatch.setattr(heads.os, "fsync", watched)
    path = tmp_path.resolve() / "heads.jsonl"
    add_head(path, Head(1, "a" * 64), at=AT)
    add_head(path, Head(2, "a" * 64), at=AT)
    assert synced == [path, path.parent, path]
