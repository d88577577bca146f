"""Overlapping windows over a note of any length, and which window speaks for a token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Windows:
    """Where the windows of one note lie.

    ``starts`` are token positions; every window holds ``length`` tokens (without special ones).
    ``owner`` names for each token the window in which it stands nearest the centre.
    """

    starts: Ints
    length: int
    owner: Ints

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def offsets(self) -> Ints:
        """Return for each token its place in the window that owns it; shape (n_tokens,)."""
        return np.arange(len(self.owner)) - self.starts[self.owner]


def lay_windows(n_tokens: int, *, capacity: int, stride: int) -> Windows:
    """Lay windows so that each is full; the last one reaches back instead of being padded.

    Args:
        n_tokens: tokens of the note, without special ones; none give no window.
        capacity: tokens that a window takes, without special ones.
        stride: tokens that neighbouring windows share at least.
    """
    length = min(n_tokens, capacity)
    starts = np.zeros(min(n_tokens, 1), dtype=np.int64)
    if n_tokens > capacity:
        step = capacity - stride
        n_windows = -(-(n_tokens - capacity) // step) + 1
        starts = np.minimum(np.arange(n_windows, dtype=np.int64) * step, n_tokens - capacity)
    return Windows(starts, length, _owners(starts, length, n_tokens))


def _owners(starts: Ints, length: int, n_tokens: int) -> Ints:
    """Return for each token the window with the nearest centre; of two the first."""
    if not n_tokens:
        return np.zeros(0, dtype=np.int64)
    centres = starts + (length - 1) / 2
    borders = (centres[1:] + centres[:-1]) / 2
    return np.searchsorted(borders, np.arange(n_tokens), side="left").astype(np.int64)
