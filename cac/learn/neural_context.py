"""The transformer's view of candidates: `cac.classify.candidates` on what `cac.learn` finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from cac.classify.candidates import CandidateModel, Candidates
from cac.learn.candidates import Block, Candidate
from cac.learn.context import as_rows
from cac.learn.features import FEATURE_NAMES
from cac.note import Span


class NeuralContext:
    """Scores candidates by a `CandidateModel`; ``int8`` is how its bundle keeps the weights."""

    def __init__(self, model: CandidateModel, *, int8: bool = False) -> None:
        self.model = model
        self._int8 = int8

    def logits(
        self, text: str, candidates: Sequence[Candidate], rows: Sequence[Block]
    ) -> Sequence[float]:
        """Return the logit of each candidate of a note."""
        found: list[float] = self.model.logits(text, as_candidates(candidates, rows)).tolist()
        return found

    def contents(self) -> Mapping[str, bytes]:
        """Return the files of a bundle, by name."""
        return self.model.contents(int8=self._int8)

    @classmethod
    def restore(cls, read: Callable[[str], bytes]) -> NeuralContext:
        """Rebuild from the files of a bundle.

        Raises:
            BundleError: a file is damaged, or they do not belong together.
        """
        return cls(CandidateModel.restore(read))


def as_candidates(candidates: Sequence[Candidate], rows: Sequence[Block]) -> Candidates:
    """Return candidates as the neural model takes them."""
    features = as_rows(rows, len(FEATURE_NAMES)).astype(np.float32)
    spans = [Span(c.start, c.end) for c in candidates]
    return Candidates(spans, [c.code for c in candidates], features)
