"""What is known of a corpus before its files are opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.cards import Licence, Weights

Report = Callable[[str], None]
"""Told what is being done, in a line without a word of a note."""

Loader = Callable[[Path, str, str], Iterable[CodedNote]]
"""From the data folder, a split and a language to its notes."""

Streamer = Callable[[Path, str, str, Report], Iterator[CodedNote]]
"""The same, one note after another, for corpora that take minutes or fill the memory."""


def silent(_: str) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus by name.

    ``learn_splits`` are those that a program may learn from, ``tune_splits`` those on which
    thresholds may be chosen; both are empty where the licence or the design allows none.
    """

    name: str
    load: Loader
    splits: tuple[str, ...]
    languages: tuple[str, ...]
    licence: str
    weights: Weights
    learn_splits: tuple[str, ...] = ()
    tune_splits: tuple[str, ...] = ()
    stream: Streamer | None = None

    @property
    def evaluation_only(self) -> bool:
        """Tell whether nothing may be learnt from the corpus."""
        return self.weights is Weights.EVALUATION_ONLY

    @property
    def terms(self) -> Licence:
        """The licence, as its card states it."""
        return Licence(self.licence, self.weights)

    def notes(
        self, folder: Path, split: str, language: str, report: Report = silent
    ) -> Iterator[CodedNote]:
        """Yield the notes of a split, streamed where the corpus can be."""
        if self.stream is not None:
            return self.stream(folder, split, language, report)
        return iter(self.load(folder, split, language))
