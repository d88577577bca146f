"""Candidates scored in their context by a neural model, as one more feature of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from cac.learn.candidates import Block, Candidate
from cac.learn.terms import Annotated
from cac.learn.trees import Floats

CONTEXT = "context"
"""The name of the feature: a logit."""


class NoteCandidates(Protocol):
    """A note with its candidates, their features, and which of them are evidence of their code.

    ``truth`` has an entry a candidate.
    """

    @property
    def note(self) -> Annotated:
        """The note."""

    @property
    def candidates(self) -> Sequence[Candidate]:
        """Its candidates."""

    @property
    def rows(self) -> Sequence[Block]:
        """Their features, in the order of `cac.learn.features.FEATURE_NAMES`."""

    @property
    def truth(self) -> Sequence[bool]:
        """Which candidates cover evidence of their code."""


class Context(Protocol):
    """A trained scorer of candidates in their context."""

    def logits(
        self, text: str, candidates: Sequence[Candidate], rows: Sequence[Block]
    ) -> Sequence[float]:
        """Return the logit of each candidate of a note."""

    def contents(self) -> Mapping[str, bytes]:
        """Return the files of a bundle, by name."""


class ContextTraining(Protocol):
    """Trains scorers of candidates in their context."""

    def cross_fit(self, notes: Sequence[NoteCandidates]) -> Sequence[Sequence[float]]:
        """Return logits for the candidates of each note, by scorers trained on other notes."""

    def fit(self, notes: Sequence[NoteCandidates]) -> Context:
        """Return a scorer trained on all notes."""


def with_context(rows: Sequence[Block], logits: Sequence[float]) -> list[Block]:
    """Return the features of candidates with that of their context at the end."""
    return [(*row, logit) for row, logit in zip(rows, logits, strict=True)]


def as_rows(rows: Sequence[Block], n_features: int) -> Floats:
    """Return rows as an array; shape (n_rows, n_features), also where there are none."""
    return np.array(rows, dtype=np.float64).reshape(-1, n_features)
