"""One door to the database: reading in any thread, writing in one.

Writes of several requests that come together are committed by one sync of the disk; each is
answered after it. Each runs within its own savepoint, so that one that fails takes no other along.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import (
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from serve.errors import ConflictError, StoreUnavailableError
from serve.log.binding import bind
from serve.log.chain import Entry, Link, chained
from serve.secrets import Secrets
from serve.settings import Settings
from serve.store.engine import WRITES, open_engine
from serve.store.remembered import Remembered
from serve.store.tables import LogHead, LogRow

T = TypeVar("T")
_MAX_TOGETHER = 256
_AWAY = (
    "The database cannot be written or read now (locked, full or away). Nothing of this request "
    "was kept: try again in a few seconds."
)
_AWAY_ERRORS = (OperationalError, InterfaceError, InternalError, PoolTimeoutError)
_MET = "Someone else changed the same thing at this moment: read it again, and repeat."


def wall_clock() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


@dataclass
class Unit:
    """One piece of work that is committed whole, with its rows of the log, or not at all."""

    connection: Connection
    secrets: Secrets
    settings: Settings
    now: datetime
    entries: list[Entry] = field(default_factory=list)

    @cached_property
    def session(self) -> Session:
        """A session of this work's own, in a savepoint; work that only logs needs none.

        It sees, and answers, no rows of another's work.
        """
        return Session(
            self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )

    def keep(self) -> None:
        """Leave what was done to the commit of all."""
        if "session" in vars(self):
            self.session.commit()

    def drop(self) -> None:
        """Take back what was not kept."""
        if "session" in vars(self):
            self.session.close()

    @property
    def at(self) -> str:
        """The time as the log keeps it: ISO 8601 in UTC."""
        return self.now.astimezone(UTC).isoformat(timespec="microseconds")

    def bind(self, place: str, kept: str) -> str:
        """Return what the log keeps of something kept elsewhere, so that a change of it shows."""
        return bind(self.secrets.log, place, kept)

    def log(
        self,
        kind: str,
        user_id: str,
        note_id: str | None = None,
        version: int | None = None,
        /,
        **body: Any,
    ) -> None:
        """Put a row into the log; ``body`` holds ids, offsets and codes, never words."""
        self.entries.append(Entry(kind, user_id, note_id, version, body))


@dataclass(slots=True)
class _Wanted:
    work: Callable[[Unit], Any]
    future: Future[Any]


class Store:
    """The database of one server, with its keys."""

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        *,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self.settings = settings
        self.secrets = secrets
        self.clock = clock
        self.engine = open_engine(settings.url, timeout_s=settings.database_timeout_s)
        self.remembered = Remembered(settings.url)
        self._writing = self.engine.execution_options(**{WRITES: True})
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite's readers see one state in any case.
        level = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(**level)
        self._wanted: queue.SimpleQueue[_Wanted | None] = queue.SimpleQueue()
        self._closed = False
        self._writer = threading.Thread(target=self._run, name="cac-writer", daemon=True)
        self._writer.start()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and changes nothing.

        Raises:
            StoreUnavailableError: the database is locked or away.
        """
        try:
            with Session(self._reading, expire_on_commit=False) as session:
                yield session
        except _AWAY_ERRORS:
            raise StoreUnavailableError(_AWAY) from None

    def write(self, work: Callable[[Unit], T]) -> T:
        """Do the work in a transaction and return its value once it is on disk.

        Raises:
            StoreUnavailableError: nothing was kept; whatever ``work`` raises, likewise.
        """
        return self.submit(work).result()

    def submit(self, work: Callable[[Unit], T]) -> Future[T]:
        """Ask for the work; the future is done once it is on disk."""
        future: Future[T] = Future()
        # From now on it cannot be cancelled: the writer would find it so in the middle of a commit.
        future.set_running_or_notify_cancel()
        if self._closed:
            raise StoreUnavailableError("The server is stopping; try again in a few seconds.")
        self._wanted.put(_Wanted(work, future))
        return future

    def checkpoint(self) -> None:
        """Empty SQLite's log of writes, in which deleted words would stay for a while."""
        if self._is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Commit what is under way, and let the database go."""
        if self._closed:
            return
        self._closed = True
        self._wanted.put(None)
        self._writer.join()
        self.remembered.close()
        self.engine.dispose()

    def _run(self) -> None:
        while (first := self._wanted.get()) is not None:
            together = [first]
            last = False
            while len(together) < _MAX_TOGETHER and not self._wanted.empty():
                following = self._wanted.get()
                if following is None:
                    last = True
                    break
                together.append(following)
            self._commit(together)
            if last:
                return

    def _commit(self, together: list[_Wanted]) -> None:
        answers: list[tuple[Future[Any], Any]] = []
        try:
            with self._writing.begin() as connection:
                entries: list[tuple[str, Entry]] = []
                for wanted in together:
                    answers += self._done(connection, wanted, entries)
                append(connection, self.secrets, entries)
        except Exception as error:
            away = isinstance(error, _AWAY_ERRORS)
            problem = StoreUnavailableError(_AWAY) if away else error
            for wanted in together:
                if not wanted.future.done():
                    wanted.future.set_exception(problem)
            return
        for future, value in answers:
            future.set_result(value)

    def _done(
        self, connection: Connection, wanted: _Wanted, entries: list[tuple[str, Entry]]
    ) -> list[tuple[Future[Any], Any]]:
        unit = Unit(connection, self.secrets, self.settings, self.clock())
        try:
            value = wanted.work(unit)
            unit.keep()
        except IntegrityError:
            wanted.future.set_exception(ConflictError(_MET))
            return []
        except _AWAY_ERRORS:
            raise
        except Exception as error:
            wanted.future.set_exception(error)
            return []
        finally:
            unit.drop()
        entries += [(unit.at, entry) for entry in unit.entries]
        return [(wanted.future, value)]


def append(connection: Connection, secrets: Secrets, entries: list[tuple[str, Entry]]) -> None:
    """Chain entries to the log; the head's row is locked until the commit."""
    if not entries:
        return
    head = connection.execute(select(LogHead.seq, LogHead.mac).with_for_update()).one()
    links = list(chained(entries, ring=secrets.log, seq=head.seq, mac=head.mac))
    connection.execute(
        insert(LogRow), [{name: getattr(link, name) for name in Link.__slots__} for link in links]
    )
    connection.execute(update(LogHead).values(seq=links[-1].seq, mac=links[-1].mac))
