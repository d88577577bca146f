"""Notes that were queued for review, suggested one after the other behind all that is waited for.

The queue is the store's: after a restart it goes on where it was. A note that was under way is
simply done again.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import CancelledError, Future
from contextlib import suppress

from cac.errors import CacError
from serve.engine.engine import Engine
from serve.engine.errors import EngineError
from serve.engine.question import Question
from serve.engine.work import Outcome
from serve.errors import GoneError, NotFoundError, StoreUnavailableError
from serve.secrets import DamagedTextError
from serve.store import Store
from serve.store.answers import next_queued, put_answer, put_failure
from serve.store.notes import NoteStatus, note_row, read_note

_LOG = logging.getLogger("cac.serve.background")
_AT_ONCE = 4
_LONGEST_S = 3600.0
_PAUSE_S = 1.0
_LOOK_AGAIN_S = 10.0  # for notes that another process put into the same database


class Background:
    """One thread that empties the store's queue."""

    def __init__(self, store: Store, engine: Engine, *, pause_s: float = _PAUSE_S) -> None:
        self._store = store
        self._engine = engine
        self._pause_s = pause_s
        self._awake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="cac-background", daemon=True)

    def start(self) -> None:
        """Begin with what is queued already."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now: something was put into it."""
        self._awake.set()

    def stop(self) -> None:
        """End after what is under way; call it after `Engine.stop`."""
        self._stopping = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._awake.clear()
            try:
                done = self._some()
            except (EngineError, StoreUnavailableError):
                # No model yet, or no database: the notes stay queued.
                done = None
            except Exception as error:
                _LOG.error("background failed", extra={"fields": {"error": type(error).__name__}})
                done = None
            if not done:
                self._awake.wait(_LOOK_AGAIN_S if done == 0 else self._pause_s)

    def _some(self) -> int:
        """Suggest for a few notes, asked together; return how many there were."""
        model = self._engine.require_ready()
        with self._store.read() as session:
            ids = next_queued(session, limit=max(_AT_ONCE, model.batch_size))
        asked: dict[str, Future[list[Outcome]]] = {}
        try:
            for id_ in ids:
                with suppress(GoneError, NotFoundError):  # deleted in the meantime
                    try:
                        asked[id_] = self._ask(id_)
                    except (DamagedTextError, ValueError, TypeError) as error:
                        # It would stand first in the queue for ever, before all the others.
                        self._failed(id_, error)
            for id_, future in asked.items():
                self._keep(id_, future)
        finally:
            for future in asked.values():
                future.cancel()
        return len(ids)

    def _ask(self, id_: str) -> Future[list[Outcome]]:
        with self._store.read() as session:
            note = read_note(session, self._store.secrets, id_)
        return self._engine.submit([Question(note)], deadline_s=_LONGEST_S, is_waited_for=False)

    def _keep(self, id_: str, future: Future[list[Outcome]]) -> None:
        with suppress(GoneError, NotFoundError, CancelledError):  # deleted in the meantime
            with self._store.read() as session:
                if note_row(session, id_).status != NoteStatus.QUEUED:
                    future.cancel()  # its job was cancelled in the meantime
                    return
            try:
                [outcome] = future.result()
            except (EngineError, CancelledError):
                raise
            except Exception as error:
                # A fault of the model at this note, which must not hold up the others.
                self._failed(id_, error)
                return
            if isinstance(outcome, CacError):
                self._failed(id_, outcome)
            else:
                self._store.write(lambda unit: put_answer(unit, id_, outcome))

    def _failed(self, id_: str, error: Exception) -> None:
        kind = type(error).__name__
        self._store.write(lambda unit: put_failure(unit, id_, kind))
