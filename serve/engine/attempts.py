"""The last changes of model that were asked for, and what became of them."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

_N_KEPT = 10


class Place(StrEnum):
    """What a bundle is loaded for."""

    CURRENT = "current"
    SHADOW = "shadow"


class State(StrEnum):
    """How far a change has come."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A change that was asked for; ``why`` says why it failed."""

    number: int
    place: Place
    bundle: str
    by: str
    at: datetime
    state: State = State.LOADING
    why: str = ""


class Attempts:
    """The newest of them since the server started; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._kept: OrderedDict[int, Attempt] = OrderedDict()

    def begin(self, place: Place, bundle: str, *, by: str, at: datetime) -> Attempt:
        """Keep that a change was asked for."""
        with self._lock:
            attempt = Attempt(next(self._numbers), place, bundle, by, at)
            self._kept[attempt.number] = attempt
            if len(self._kept) > _N_KEPT:
                self._kept.popitem(last=False)
            return attempt

    def finish(self, attempt: Attempt, state: State, why: str = "") -> None:
        """Keep what became of it."""
        with self._lock:
            if attempt.number in self._kept:
                self._kept[attempt.number] = replace(attempt, state=state, why=why)

    @property
    def newest(self) -> list[Attempt]:
        """Return them, the newest first."""
        with self._lock:
            return list(reversed(self._kept.values()))

    @property
    def is_loading(self) -> bool:
        """Whether one is under way."""
        return any(attempt.state is State.LOADING for attempt in self.newest)
