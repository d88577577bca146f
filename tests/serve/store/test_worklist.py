"""The work list page by page, jobs, and requests that are sent twice."""

from dataclasses import replace
from typing import Any

import pytest

from cac.note import Note
from serve.errors import ConflictError, DecisionError, NotFoundError
from serve.store import Store, Unit
from serve.store.answers import put_answer
from serve.store.claims import claim
from serve.store.idempotency import forget_old, once
from serve.store.jobs import add_job, cancel_job, notes_of_job, progress_of
from serve.store.notes import add_note
from serve.store.tables import IdempotencyKey
from serve.store.worklist import SORTS, counts, list_notes

from ..conftest import Clock
from .test_reviews import RESULT


@pytest.fixture
def notes(store: Store, people: dict[str, str], clock: Clock) -> list[str]:
    """Twelve notes by age: every third is urgent, every second for payer b, half are ready."""

    def add(unit: Unit, n: int) -> str:
        note = Note(f"v{n}", f"text {n}")
        row = add_note(unit, note, by=people["coder"], priority=int(n % 3 == 0), payer="ab"[n % 2])
        return row.id

    ids = []
    for n in range(12):
        clock.move(seconds=n % 2)
        ids.append(store.write(lambda unit, n=n: add(unit, n)))
        [s] = RESULT.suggestions
        result = replace(RESULT, suggestions=(replace(s, probability=((n * 5) % 7) / 10),))
        if n < 6:
            store.write(lambda unit, result=result: put_answer(unit, ids[-1], result))
    return ids


def pages(store: Store, clock: Clock, **options: Any) -> list[str]:
    found: list[str] = []
    cursor = ""
    for _ in range(100):
        with store.read() as session:
            page = list_notes(session, store.settings, clock(), cursor=cursor, limit=5, **options)
        found += [row.id for row in page.notes]
        cursor = page.next_cursor
        if not cursor:
            return found
    raise AssertionError("pages without end")


@pytest.mark.parametrize("sort", SORTS)
def test_pages_show_every_note_once_in_order(
    store: Store, notes: list[str], clock: Clock, sort: str
) -> None:
    found = pages(store, clock, sort=sort)
    assert sorted(found) == sorted(notes)
    number = {id_: n for n, id_ in enumerate(notes)}
    first = {
        "age": lambda n: 0,
        "priority": lambda n: -int(n % 3 == 0),
        "confidence": lambda n: ((n * 5) % 7) / 10 if n < 6 else -1,
        "payer": lambda n: "ab"[n % 2],
    }[sort]
    keys = [(first(number[id_]), (number[id_] + 1) // 2) for id_ in found]
    assert keys == sorted(keys)


def test_filters_by_status_payer_and_holder(
    store: Store, notes: list[str], clock: Clock, people: dict[str, str]
) -> None:
    coder = people["coder"]
    store.write(lambda unit: claim(unit, notes[1], by=coder))
    assert set(pages(store, clock, status="ready")) == set(notes[:6])
    assert pages(store, clock, status="claimed") == [notes[1]]
    assert pages(store, clock, claimed_by=coder) == [notes[1]]
    assert set(pages(store, clock, status="queued", payer="a")) == {notes[n] for n in (6, 8, 10)}
    clock.move(hours=1)
    assert pages(store, clock, status="claimed") == []
    with store.read() as session:
        assert counts(session) == {"ready": 6, "queued": 6}


@pytest.mark.usefixtures("notes")
def test_a_cursor_of_something_else_is_refused(store: Store, clock: Clock) -> None:
    with store.read() as session:
        age = list_notes(session, store.settings, clock(), limit=2).next_cursor
        for options in (
            {"cursor": age, "sort": "payer"},
            {"cursor": "x"},
            {"cursor": "W10="},
            {"sort": "name"},
            {"status": "lost"},
        ):
            with pytest.raises(DecisionError):
                list_notes(session, store.settings, clock(), **options)  # type: ignore[arg-type]


def test_a_job_counts_its_notes_and_stops(store: Store, people: dict[str, str]) -> None:
    coder = people["coder"]
    job = store.write(lambda unit: add_job(unit, by=coder).id)
    ids = [
        store.write(
            lambda unit, n=n: add_note(unit, Note(f"j{n}", "text"), by=coder, job_id=job).id
        )
        for n in range(3)
    ]
    store.write(lambda unit: put_answer(unit, ids[0], RESULT))
    with store.read() as session:
        progress = progress_of(session, job, owner=coder)
        assert (progress.status, progress.n_notes) == ("running", 3)
        assert notes_of_job(session, job) == ids
        with pytest.raises(NotFoundError):
            progress_of(session, job, owner="someone else")
    store.write(lambda unit: cancel_job(unit, job, by=coder))
    store.write(lambda unit: put_answer(unit, ids[1], RESULT))
    with store.read() as session:
        progress = progress_of(session, job)
    assert (progress.status, progress.counts) == ("cancelled", {"ready": 1, "cancelled": 2})


def test_a_repeated_request_gets_the_first_answer(
    store: Store, people: dict[str, str], clock: Clock
) -> None:
    done: list[int] = []

    def make() -> dict[str, Any]:
        done.append(1)
        return {"id": len(done)}

    def ask(key: str | None, request: str, by: str = "coder") -> tuple[dict[str, Any], bool]:
        return store.write(lambda unit: once(unit, people[by], key, request, make))

    assert ask("k", "a") == ({"id": 1}, False)
    assert ask("k", "a") == ({"id": 1}, True)
    with pytest.raises(ConflictError):
        ask("k", "b")
    assert ask("k", "a", by="reader") == ({"id": 2}, False)
    assert ask(None, "a") == ({"id": 3}, False)
    with pytest.raises(DecisionError):
        ask("", "a")
    clock.move(hours=49)
    assert ask("k", "b") == ({"id": 4}, False)
    store.write(forget_old)
    with store.read() as session:
        assert session.query(IdempotencyKey).count() == 1


def test_what_fails_keeps_no_answer(store: Store, people: dict[str, str]) -> None:
    def fail() -> dict[str, Any]:
        raise ConflictError("not now")

    with pytest.raises(ConflictError):
        store.write(lambda unit: once(unit, people["coder"], "k", "a", fail))
    assert store.write(lambda unit: once(unit, people["coder"], "k", "a", dict)) == ({}, False)
