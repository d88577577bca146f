"""What every kind of classifier can do, neural or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[int], None]
"""Called with how many more notes are done."""


def no_progress(_: int) -> None:
    """Tell nobody."""


class Scorer(Protocol):
    """Scores labels for texts and says which words the scores rest on.

    ``methods`` are the ways to weigh words, the cheapest first; ``method`` is the one in use.
    """

    kind: str
    methods: tuple[str, ...]
    method: str

    @property
    def n_labels(self) -> int:
        """How many labels are scored."""

    @property
    def batch_size(self) -> int:
        """How many notes are best scored together where they are."""

    def scores(self, texts: Sequence[str], progress: Progress = no_progress) -> Floats:
        """Return uncalibrated probabilities; shape (n_texts, n_labels)."""

    def word_weights(self, text: str, labels: Sequence[int]) -> tuple[Ints, Floats]:
        """Return the words of a text and their weights; (n_words, 2), (n_chosen, n_words)."""

    def contents(self) -> Mapping[str, bytes]:
        """Return the files of a bundle, by name."""
