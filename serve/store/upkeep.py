"""What is done now and then: heads of the log kept elsewhere, old keys and expired words gone."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from serve.errors import ServeError
from serve.log.heads import NAME, add_head
from serve.store.idempotency import forget_old
from serve.store.logbook import head_of
from serve.store.notes import delete_expired
from serve.store.store import Store, Unit
from serve.store.texts import seal_again

_EVERY_S = 60.0
_LOG = logging.getLogger("cac.serve.upkeep")


class Upkeep:
    """A thread that looks after the store once a minute, and when it is stopped."""

    def __init__(self, store: Store, *, every_s: float = _EVERY_S) -> None:
        self._store = store
        self._every_s = every_s
        self._heads: Path = store.settings.secrets / NAME
        self._seq = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cac-upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Do it once more, and end."""
        self._stop.set()
        self._thread.join()

    def once(self) -> None:
        """Do all of it; what cannot be done now is logged, and done the next time."""
        try:
            self._store.write(_tidy)
            while self._store.write(seal_again):
                continue
            self._keep_head()
            self._store.checkpoint()
        except (ServeError, OSError, SQLAlchemyError) as error:
            _LOG.error("upkeep put off", extra={"fields": {"error": type(error).__name__}})

    def _keep_head(self) -> None:
        with self._store.read() as session:
            head = head_of(session)
        if head.seq != self._seq:
            add_head(self._heads, head, at=self._store.clock().isoformat())
            self._seq = head.seq

    def _run(self) -> None:
        stopped = False
        while not stopped:
            stopped = self._stop.wait(self._every_s)
            self.once()


def _tidy(unit: Unit) -> None:
    forget_old(unit)
    delete_expired(unit, by="system")
