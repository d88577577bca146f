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
from typing import Any, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from serve.errors import ConflictError, StoreUnavailableError
from serve.log.chain import Entry, chained
from serve.secrets import Secrets
from serve.settings import Settings
from serve.store.engine import WRITES, open_engine
from serve.store.tables import LogHead, LogRow

T = TypeVar("T")
_MAX_TOGETHER = 256
_AWAY = (
    "The database cannot be written or read now (locked, full or away). Nothing of this request "
    "was kept: try again in a few seconds."
)
_MET = "Someone else changed the same thing at this moment: read it again, and repeat."


def wall_clock() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Unit:
    """One piece of work that is committed whole, with its rows of the log, or not at all."""

    session: Session
    secrets: Secrets
    settings: Settings
    now: datetime
    entries: list[Entry] = field(default_factory=list)

    def log(
        self,
        kind: str,
        user_id: str,
        note_id: str | None = None,
        version: int | None = None,
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
            with Session(self.engine) as session:
                yield session
        except (DBAPIError, PoolTimeoutError):
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
        if self._closed:
            raise StoreUnavailableError("The server is stopping; try again in a few seconds.")
        self._wanted.put(_Wanted(work, future))
        return future

    def close(self) -> None:
        """Commit what is under way, and let the database go."""
        self._closed = True
        self._wanted.put(None)
        self._writer.join()
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
            with Session(self.engine.execution_options(**{WRITES: True})) as session:
                entries: list[tuple[str, Entry]] = []
                for wanted in together:
                    answers += self._done(session, wanted, entries)
                append(session, self.secrets, entries)
                session.commit()
        except Exception as error:
            away = isinstance(error, DBAPIError | PoolTimeoutError)
            problem = StoreUnavailableError(_AWAY) if away else error
            for wanted in together:
                if not wanted.future.done():
                    wanted.future.set_exception(problem)
            return
        for future, value in answers:
            future.set_result(value)

    def _done(
        self, session: Session, wanted: _Wanted, entries: list[tuple[str, Entry]]
    ) -> list[tuple[Future[Any], Any]]:
        unit = Unit(session, self.secrets, self.settings, self.clock())
        try:
            with session.begin_nested():
                value = wanted.work(unit)
        except IntegrityError:
            wanted.future.set_exception(ConflictError(_MET))
            return []
        except (OperationalError, InterfaceError, InternalError):
            raise
        except Exception as error:
            wanted.future.set_exception(error)
            return []
        entries += [(unit.now.isoformat(timespec="microseconds"), e) for e in unit.entries]
        return [(wanted.future, value)]


def append(session: Session, secrets: Secrets, entries: list[tuple[str, Entry]]) -> None:
    """Chain entries to the log; the head's row is locked until the commit."""
    if not entries:
        return
    head = session.scalars(select(LogHead).with_for_update()).one()
    links = list(chained(entries, ring=secrets.log, seq=head.seq, mac=head.mac))
    names = LogRow.__table__.columns.keys()
    session.execute(
        insert(LogRow), [{name: getattr(link, name) for name in names} for link in links]
    )
    head.seq, head.mac = links[-1].seq, links[-1].mac
