"""What is done now and then: heads of the log kept elsewhere, old keys and expired words gone."""

from __future__ import annotations

import logging
import threading
from functools import partial
from pathlib import Path
from typing import Any

from cac.errors import InputError
from serve.log.heads import NAME, add_head, read_heads
from serve.log.verify import Head
from serve.store.idempotency import forget_old
from serve.store.logbook import head_of, is_kept
from serve.store.notes import delete_expired
from serve.store.store import Store, Unit
from serve.store.texts import seal_again

_EVERY_S = 60.0
_LOG = logging.getLogger("cac.serve.upkeep")


class Upkeep:
    """A thread that looks after the store when it is started, once a minute, and when stopped."""

    def __init__(self, store: Store, *, every_s: float = _EVERY_S) -> None:
        self._store = store
        self._every_s = every_s
        self._heads: Path = store.settings.secrets / NAME
        self._kept: list[Head] | None = None
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
        for step in (self._tidy, self._seal, self._keep_head, self._store.checkpoint):
            try:
                step()
            except Exception as error:
                # Whatever it is, the other steps are done, and this one is tried again.
                _error("upkeep put off", step=step.__name__, error=type(error).__name__)

    def _tidy(self) -> None:
        self._store.write(_tidy)

    def _seal(self) -> None:
        after = ""
        while after := self._store.write(partial(seal_again, after=after)):
            continue

    def _keep_head(self) -> None:
        if self._kept is None:
            self._kept = self._last_kept()
        with self._store.read() as session:
            head = head_of(session)
            lost = [kept.seq for kept in self._kept if not is_kept(session, kept)]
        if lost:
            _error("the log was cut or written anew: run `cac log verify`", row=lost[0])
        if [head.seq] != [kept.seq for kept in self._kept]:
            add_head(self._heads, head, at=self._store.clock().isoformat())
            self._kept = [head]

    def _last_kept(self) -> list[Head]:
        try:
            return read_heads(self._heads)[-1:] if self._heads.exists() else []
        except InputError:
            _error("kept heads cannot be read: run `cac log verify`")
            return []

    def _run(self) -> None:
        self.once()
        stopped = False
        while not stopped:
            stopped = self._stop.wait(self._every_s)
            self.once()


def _tidy(unit: Unit) -> None:
    forget_old(unit)
    delete_expired(unit, by="system")


def _error(message: str, **fields: Any) -> None:
    _LOG.error(message, extra={"fields": fields})
