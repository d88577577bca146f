"""The one global threshold that a system needs, chosen on development notes alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cac.metrics.matrices import Matrix, binary, require_same_shape, scores_of


@dataclass(frozen=True, slots=True)
class Threshold:
    """A score from which on a code is predicted, and the micro F1 that it gives."""

    value: float
    micro_f1: float


def best_threshold(y_true: Matrix, scores: Matrix) -> Threshold:
    """Return the threshold of highest micro F1, found exactly by sorting the scores.

    Choose it on development notes, never on test notes. Of equally good thresholds the highest
    is taken; the value lies halfway to the next lower score, so that rounding changes nothing.
    In a sparse matrix what is not stored is never predicted.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        scores: score of each code, the same shape.
    """
    true, score = binary(y_true), scores_of(scores)
    require_same_shape(true, score)
    rows = np.repeat(np.arange(score.shape[0]), np.diff(score.indptr))
    true_rows = np.repeat(np.arange(true.shape[0]), np.diff(true.indptr))
    n_codes = true.shape[1]
    gold = np.isin(rows * n_codes + score.indices, true_rows * n_codes + true.indices)
    order = np.argsort(-score.data, kind="stable")
    values, hits = score.data[order], gold[order].cumsum()
    n_gold = int(true.sum())
    if not values.size or not n_gold:
        return Threshold(float("inf"), 0.0 if n_gold else float("nan"))
    n_predicted = np.arange(1, values.size + 1)
    last_of_ties = np.append(values[1:] != values[:-1], True)
    f1 = np.where(last_of_ties, 2 * hits / (n_predicted + n_gold), -1.0)
    best = int(f1.argmax())
    lower = values[best + 1] if best + 1 < values.size else values[best]
    return Threshold(_between(float(lower), float(values[best])), float(f1[best]))


def _between(lower: float, upper: float) -> float:
    middle = lower + (upper - lower) / 2
    return middle if lower < middle <= upper else upper
