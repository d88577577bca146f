"""A process that is killed, a database that is locked, full or away: nothing answered is lost."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from cac.note import Note
from serve.access.principal import Role
from serve.access.users import add_user
from serve.errors import StoreUnavailableError
from serve.log.verify import verify
from serve.secrets import make_secrets
from serve.settings import Settings
from serve.store import Store
from serve.store.answers import put_answer
from serve.store.audit import audit
from serve.store.logbook import head_of, links_of
from serve.store.migrate import migrate
from serve.store.notes import add_note, note_row
from serve.store.tables import LogRow

from ..postgresql import Postgresql
from .test_reviews import RESULT

PROGRAM = Path(__file__).with_name("deciding.py")
NOTHING = replace(RESULT, suggestions=())
N_KILLS = 3


def whole(store: Store) -> int:
    """Hold the log to its chain, and return its last number."""
    with store.read() as session:
        report = verify(links_of(session), store.secrets.log, [head_of(session)])
        assert audit(session, store.secrets).faults == []
    assert report.faults == ()
    return report.head.seq


def prepared_notes(settings: Settings) -> tuple[Store, str, list[str]]:
    """Make a store with keys in files, a coder, and notes without suggestions."""
    store = Store(settings, make_secrets(settings.secrets))
    migrate(store.engine)
    by = store.write(lambda unit: add_user(unit, "coder", Role.CODER).id)
    notes = [
        store.write(lambda unit, n=n: add_note(unit, Note(f"k{n}", "text"), by=by).id)
        for n in range(4)
    ]
    for note in notes:
        store.write(lambda unit, note=note: put_answer(unit, note, NOTHING))
    return store, by, notes


def beside_keys(settings: Settings) -> Settings:
    return settings.model_copy(update={"secrets": settings.state / "keys"})


def require_kept(store: Store, answered: dict[str, int]) -> None:
    """Hold the database to what was answered."""
    assert sum(answered.values())
    whole(store)
    with store.read() as session:
        for note, version in answered.items():
            assert note_row(session, note).version >= version


def test_what_was_answered_survives_kill_9(settings: Settings) -> None:
    settings = beside_keys(settings)
    store, by, notes = prepared_notes(settings)
    chance = random.Random(5)
    for _ in range(N_KILLS if store.engine.dialect.name == "sqlite" else 1):
        require_kept(store, killed_at_work(settings, by, notes, after_s=chance.uniform(0, 0.4)))
    store.close()


def test_two_programs_on_one_database_that_are_killed_leave_one_chain(settings: Settings) -> None:
    settings = beside_keys(settings)
    store, by, notes = prepared_notes(settings)
    answered: list[dict[str, int]] = []

    def work(some: list[str], after_s: float) -> None:
        answered.append(killed_at_work(settings, by, some, after_s=after_s))

    threads = [
        threading.Thread(target=work, args=(notes[half::2], after_s))
        for half, after_s in enumerate((0.5, 0.8))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answered) == 2
    for each in answered:
        require_kept(store, each)
    store.close()


def test_what_was_answered_survives_a_disk_that_fills_up(settings: Settings) -> None:
    settings = beside_keys(settings)
    store, by, notes = prepared_notes(settings)
    if store.engine.dialect.name != "sqlite":
        store.close()
        pytest.skip("PostgreSQL's files are not this process's")
    most = settings.state.joinpath("cac.sqlite-wal").stat().st_size + 300_000
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(settings.state), "", str(most), by, *notes],
        stdout=subprocess.PIPE, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.count("full\n") == len(notes)
    require_kept(store, answered_in(done.stdout.replace("full\n", "").splitlines(keepends=True)))
    store.write(lambda unit: unit.log("there is room again", "u"))
    whole(store)
    store.close()


def killed_at_work(
    settings: Settings, by: str, notes: list[str], *, after_s: float
) -> dict[str, int]:
    """Start the program, kill it at some moment, and return what it had answered."""
    url = settings.database_url.get_secret_value()
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(settings.state), url, "0", by, *notes],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    first = process.stdout.readline()
    timer = threading.Timer(after_s, process.send_signal, [signal.SIGKILL])
    timer.start()
    lines = [first, *process.stdout]
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    return answered_in(lines)


def answered_in(lines: list[str]) -> dict[str, int]:
    """Return the last version that was answered for each note; half a line is no answer."""
    answered: dict[str, int] = {}
    for line in lines:
        if line.endswith("\n"):
            note, version = line.split()
            answered[note] = max(answered.get(note, 0), int(version))
    return answered


def test_each_commit_of_sqlite_is_synced(tmp_path: Path) -> None:
    store = Store(Settings(state=tmp_path, secrets=tmp_path), make_secrets(tmp_path))
    migrate(store.engine)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    found = store.write(
        lambda unit: {
            name: unit.session.execute(text(f"PRAGMA {name}")).scalar() for name in wanted
        }
    )
    assert found == wanted
    store.close()


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Hold what a writer needs, as another process would."""
    is_sqlite = store.engine.dialect.name == "sqlite"
    with store.engine.connect() as connection:
        if is_sqlite:
            connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE log_head")
        yield
        connection.exec_driver_sql("ROLLBACK")


def quick(settings: Settings) -> Settings:
    return settings.model_copy(update={"database_timeout_s": 0.2})


@pytest.fixture
def hurried(store: Store, settings: Settings) -> Iterator[Store]:
    """A store that does not wait for long."""
    opened = Store(quick(settings), store.secrets)
    yield opened
    opened.close()


def test_a_locked_database_is_said_and_nothing_is_kept(store: Store, hurried: Store) -> None:
    hurried.write(lambda unit: unit.log("before", "u"))
    with locked(store):
        with pytest.raises(StoreUnavailableError, match="try again"):
            hurried.write(lambda unit: unit.log("lost", "u"))
        with hurried.read() as session:
            assert [row.kind for row in session.query(LogRow)] == ["before"]
    hurried.write(lambda unit: unit.log("after", "u"))
    assert whole(hurried) == 2


def test_a_short_lock_is_waited_for(store: Store) -> None:
    with locked(store):
        future = store.submit(lambda unit: unit.log("waited", "u"))
        time.sleep(0.1)
        assert not future.done()
    future.result()
    assert whole(store) == 1


def test_a_full_disk_is_said_and_nothing_is_kept(store: Store) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("how PostgreSQL meets a full disk is its own: its refusal is an error as here")
    store.write(lambda unit: unit.log("before", "u"))
    n_pages = store.write(lambda unit: unit.session.execute(text("PRAGMA page_count")).scalar())
    limit = {"n": n_pages}

    @event.listens_for(store.engine, "checkout")
    def _limit(connection, record, proxy) -> None:  # type: ignore[no-untyped-def]
        connection.execute(f"PRAGMA max_page_count={limit['n']}")

    with pytest.raises(StoreUnavailableError):
        store.write(lambda unit: [unit.log("lost", "u", fill="x" * 500) for _ in range(50)])
    assert whole(store) == 1
    limit["n"] = 1 << 30
    store.write(lambda unit: unit.log("after", "u"))
    assert whole(store) == 2


def test_a_dead_postgresql_that_comes_back_is_used_again(
    store: Store, request: pytest.FixtureRequest
) -> None:
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server that could die")
    server: Postgresql = request.getfixturevalue("postgresql")
    answered = [store.write(lambda unit, n=n: unit.log("before", "u", n=n)) for n in range(5)]
    server.stop("immediate")
    try:
        with pytest.raises(StoreUnavailableError):
            store.write(lambda unit: unit.log("lost", "u"))
        with pytest.raises(StoreUnavailableError), store.read() as session:
            session.query(LogRow).all()
    finally:
        server.start()
    store.write(lambda unit: unit.log("after", "u"))
    server.stop("immediate")
    server.start()
    store.write(lambda unit: unit.log("after, without a failure between", "u"))
    assert whole(store) == len(answered) + 2


def test_work_of_many_threads_is_in_one_chain(store: Store) -> None:
    def many(name: str) -> None:
        for n in range(25):
            store.write(lambda unit, n=n: unit.log("test", name, n=n))

    threads = [threading.Thread(target=many, args=(f"u{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert whole(store) == 200


def test_two_processes_write_one_chain(store: Store, settings: Settings) -> None:
    other = Store(settings, store.secrets)
    futures = [
        s.submit(lambda unit, n=n: unit.log("test", "u", n=n))
        for n in range(40)
        for s in (store, other)
    ]
    for future in futures:
        future.result()
    other.close()
    assert whole(store) == 80
