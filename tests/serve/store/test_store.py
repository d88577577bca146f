"""A unit of work is kept whole or not at all, and the database has the tables of this version."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from cac.errors import SettingsError
from serve.access.principal import Role
from serve.access.users import add_user, list_users
from serve.errors import ConflictError, StoreUnavailableError
from serve.settings import Settings
from serve.store import Store, Unit
from serve.store.engine import open_engine
from serve.store.migrate import migrate, pending
from serve.store.tables import Base, LogRow


def test_the_steps_make_the_tables_of_this_version(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert pending(connection) == []
    migrate(store.engine)


def test_a_database_of_the_first_step_is_brought_to_the_last(tmp_path: Path) -> None:
    engine = open_engine(Settings(state=tmp_path).url)
    migrate(engine, to="0001")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO log_head VALUES (2, 7, 'kept')"))
        assert pending(connection) == ["0002", "0003", "0004"]
    migrate(engine)
    with engine.connect() as connection:
        assert pending(connection) == []
        assert connection.execute(text("SELECT seq FROM log_head WHERE id = 2")).scalar() == 7
        assert connection.execute(text("SELECT refused_at FROM api_keys")).all() == []
        assert connection.execute(text("SELECT second_of FROM notes")).all() == []
    engine.dispose()


def test_a_later_database_is_refused(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SettingsError, match="9999"):
            pending(connection)


def test_what_fails_leaves_neither_rows_nor_log_and_takes_no_other_along(store: Store) -> None:
    def fails(unit: Unit) -> None:
        add_user(unit, "lost", Role.CODER)
        raise ValueError("after all")

    stop = threading.Event()
    held = store.submit(lambda unit: stop.wait(5))
    failing = store.submit(fails)
    good = store.submit(lambda unit: add_user(unit, "kept", Role.CODER).name)
    stop.set()
    assert held.result()
    assert good.result() == "kept"
    with pytest.raises(ValueError, match="after all"):
        failing.result()
    with store.read() as session:
        assert [u.name for u in list_users(session)] == ["kept"]
        assert [(row.seq, row.kind) for row in session.query(LogRow)] == [(1, "user.added")]


def test_two_of_one_name_meet_in_a_conflict(store: Store) -> None:
    store.write(lambda unit: add_user(unit, "ann", Role.CODER).id)
    with pytest.raises(ConflictError):
        store.write(lambda unit: add_user(unit, "ann", Role.CODER).id)


def test_nobody_can_take_back_what_the_writer_is_about_to_do(store: Store) -> None:
    stop = threading.Event()
    held = store.submit(lambda unit: stop.wait(5))
    waiting = store.submit(lambda unit: unit.log("test", "u"))
    assert not waiting.cancel()
    stop.set()
    assert held.result()
    assert waiting.result() is None
    store.write(lambda unit: unit.log("test", "u"))


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreUnavailableError):
        store.write(lambda unit: None)
