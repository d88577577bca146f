"""What was read from the database, kept for as long as nothing in it has changed."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from contextlib import suppress
from typing import Any

from sqlalchemy.engine import URL

_MOST = 1000


class Remembered:
    """A few values by key, each with the mark of the state that it was read from.

    SQLite tells in microseconds whether any connection, of whatever process, has committed since
    (``PRAGMA data_version``). PostgreSQL has no such mark, so nothing is remembered there.
    """

    def __init__(self, url: URL) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._watching: sqlite3.Connection | None = None
        if url.get_backend_name() == "sqlite":
            # It never waits for a lock: it is asked where nothing may wait.
            self._watching = sqlite3.connect(str(url.database), timeout=0, check_same_thread=False)

    @property
    def mark(self) -> int | None:
        """The state that the database is in; None where that cannot be told."""
        with self._lock:
            return self._mark()

    def get(self, key: str) -> Any:
        """Return what was kept under a key; None where there is none, or something has changed."""
        with self._lock:
            mark, value = self._values.get(key, (None, None))
            return value if mark is not None and mark == self._mark() else None

    def put(self, key: str, mark: int | None, value: Any) -> None:
        """Keep a value that was read after ``mark`` was asked for."""
        if mark is None:
            return
        with self._lock:
            self._values[key] = (mark, value)
            self._values.move_to_end(key)
            if len(self._values) > _MOST:
                self._values.popitem(last=False)

    def close(self) -> None:
        """Forget everything, and let the database go."""
        with self._lock:
            self._values.clear()
            if self._watching is not None:
                self._watching.close()
                self._watching = None

    def _mark(self) -> int | None:
        if self._watching is not None:
            with suppress(sqlite3.Error):
                [mark] = self._watching.execute("PRAGMA data_version").fetchone()
                return int(mark)
        return None
