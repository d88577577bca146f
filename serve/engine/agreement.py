"""The agreement of a model and its shadow, kept in the store: it outlives the server."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from contextlib import suppress

from cac.coding import CodingResult
from serve.engine.engine import Observer
from serve.engine.shadow import Comparison
from serve.errors import StoreUnavailableError
from serve.store import Store
from serve.store.agreements import add_compared

_N_UNKEPT = 1000


class KeepsAgreement:
    """An observer that counts each comparison in the store too, without holding the model up."""

    def __init__(self, store: Store, observer: Observer) -> None:
        self._store = store
        self._observer = observer
        self._unkept: deque[Comparison] = deque(maxlen=_N_UNKEPT)

    def answered(self, result: CodingResult, seconds: float) -> None:
        """Leave the answer to the other observer."""
        self._observer.answered(result, seconds)

    def compared(self, comparison: Comparison) -> None:
        """Keep the comparison; what the database did not take is kept with the next one."""
        self._observer.compared(comparison)
        self._unkept.append(comparison)
        notes = [self._unkept.popleft() for _ in range(len(self._unkept))]

        def look(done: Future[None]) -> None:
            if done.exception():
                self._unkept.extend(notes)

        with suppress(StoreUnavailableError):  # The server is stopping.
            self._store.submit(lambda unit: add_compared(unit, notes)).add_done_callback(look)
