"""Curves as points: precision over recall, reliability, F1 by training frequency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cac.metrics import Figure
from cac.metrics.matrices import Floats, binary
from training.report.figures import Paired

_N_POINTS = 200
_N_BINS = 10
_BUCKET_GROUP = "micro F1 by training frequency"


@dataclass(frozen=True, slots=True)
class Curve:
    """A table of numbers: ``columns`` are named, ``rows`` in order of the first."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[float | str, ...], ...]

    def csv(self) -> str:
        """Return the curve as a CSV file."""
        lines = [",".join(self.columns), *(",".join(map(_cell, row)) for row in self.rows)]
        return "\n".join(lines) + "\n"


def precision_recall(paired: Paired) -> Curve:
    """Return micro precision over recall, as the probability asked for falls."""
    truth, chances = _ranked(paired)
    order = np.argsort(-chances, kind="stable")
    hits, n_gold = truth[order].cumsum(), max(int(paired.pairing.y_true.sum()), 1)
    ends = np.flatnonzero(np.append(np.diff(chances[order]) != 0, True)) if len(order) else order
    kept = (
        ends[np.unique(np.linspace(0, len(ends) - 1, _N_POINTS).astype(int))] if len(ends) else ends
    )
    rows = tuple(
        (round(float(hits[i]) / n_gold, 5), round(float(hits[i]) / (i + 1), 5)) for i in kept
    )
    return Curve("precision_recall", ("recall", "precision"), rows)


def reliability(paired: Paired) -> Curve:
    """Return the share that is gold over the mean probability, by bins of equal width."""
    truth, chances = _ranked(paired)
    bins = np.clip(np.ceil(chances * _N_BINS).astype(int) - 1, 0, _N_BINS - 1)
    rows = tuple(
        (
            round(float(chances[inside].mean()), 5),
            round(float(truth[inside].mean()), 5),
            int(inside.sum()),
        )
        for number in range(_N_BINS)
        if (inside := bins == number).any()
    )
    return Curve("reliability", ("probability", "share_gold", "n"), rows)


def by_frequency(figures: Sequence[Figure]) -> Curve:
    """Return micro F1 by how often the training notes have the code; empty buckets left out."""
    rows = tuple(
        (f.name, round(f.value, 5))
        for f in figures
        if f.group == _BUCKET_GROUP and not np.isnan(f.value)
    )
    return Curve("f1_by_frequency", ("training_notes", "micro_f1"), rows)


def _ranked(paired: Paired) -> tuple[Floats, Floats]:
    """Return gold or not, and probability, of every ranked code; shape (n_ranked,) both."""
    stored = paired.pairing.probabilities.tocoo()
    if not stored.nnz:
        return np.zeros(0), np.zeros(0)
    truth = np.asarray(binary(paired.pairing.y_true)[stored.row, stored.col]).ravel()
    return truth.astype(np.float64), stored.data


def _cell(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
