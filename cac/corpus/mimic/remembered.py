"""What was read from large files, kept for the next split as long as the files stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The results of the last few readings."""

    def __init__(self, n_kept: int = 2) -> None:
        self._n_kept = n_kept
        self._results: dict[Hashable, T] = {}

    def get(self, files: Sequence[Path], key: Hashable, read: Callable[[], T]) -> T:
        """Return what ``read`` returned for these files and this key, or ask it."""
        states = [(path, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        full = (key, tuple(states))
        result = self._results.pop(full) if full in self._results else read()
        self._results[full] = result
        while len(self._results) > self._n_kept:
            del self._results[next(iter(self._results))]
        return result
