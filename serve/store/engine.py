"""The database: SQLite in WAL mode with every commit on disk, or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

WRITES = "cac_writes"
"""The execution option of a transaction that will write: SQLite locks at its begin, so that two
writers wait for one another and none fails in the middle."""


def open_engine(url: URL, *, timeout_s: float = 5.0) -> Engine:
    """Open a database.

    Args:
        url: As `serve.settings.Settings.url` gives it.
        timeout_s: How long to wait for a lock, or for a connection.
    """
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url, timeout_s)
    wait = {"connect_timeout": max(1, int(timeout_s))}
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=timeout_s,
        connect_args=wait,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        with connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f"SET lock_timeout = {int(timeout_s * 1000)}")
            cursor.execute("SET synchronous_commit = on")
            cursor.execute("SET timezone = 'UTC'")
        connection.commit()

    return engine


def _open_sqlite(url: URL, timeout_s: float) -> Engine:
    if url.database:
        # SQLite gives the files beside it (the log of writes) the rights of this one.
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(url.database).touch(mode=0o600)
    arguments: dict[str, Any] = {"timeout": timeout_s, "isolation_level": None}
    engine = create_engine(
        url, connect_args=arguments, pool_timeout=timeout_s, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        # What is deleted is overwritten: the words of a note do not stay in free pages.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
