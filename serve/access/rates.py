"""How often someone may ask: a bucket that fills evenly, one a person, key or address."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from serve.errors import TooManyError

_MAX_BUCKETS = 10_000


class RateLimit:
    """At most ``per_minute`` in a row, and as many again each minute."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._full = float(per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Count one request; raise TooManyError where there have been too many."""
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(name, (self._full, now))
            left = min(self._full, left + (now - at) * self._full / 60)
            self._left[name] = (max(left - 1, 0.0) if left >= 1 else left, now)
            if len(self._left) > _MAX_BUCKETS:
                self._left.popitem(last=False)
        if left < 1:
            wait = int((1 - left) * 60 / self._full) + 1
            raise TooManyError("Too many requests: slow down.", retry_after_s=wait)
