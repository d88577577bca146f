"""Micro F1 by how often a code stands in the training notes."""

from __future__ import annotations

import numpy as np

from cac.errors import SettingsError
from cac.metrics.counts import PrecisionRecallF1, counts_by_code, precision_recall_f1
from cac.metrics.matrices import Ints, Matrix

#: Name and bounds (inclusive) of each bucket.
BUCKETS: tuple[tuple[str, int, float], ...] = (
    ("unseen", 0, 0),
    ("1-10", 1, 10),
    ("11-50", 11, 50),
    ("51-100", 51, 100),
    ("101-500", 101, 500),
    (">500", 501, float("inf")),
)


def micro_by_frequency(
    y_true: Matrix, y_pred: Matrix, n_training: Ints
) -> dict[str, PrecisionRecallF1]:
    """Return micro precision, recall and F1 of the codes of each bucket.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        y_pred: predicted codes, the same shape.
        n_training: number of training notes with each code, shape (n_codes,).
    """
    counts = counts_by_code(y_true, y_pred)
    frequencies = np.asarray(n_training)
    if frequencies.shape != counts.tp.shape:
        raise SettingsError(
            f"Training counts of {frequencies.size} codes found, of {counts.tp.size} wanted."
        )
    results = {}
    for name, low, high in BUCKETS:
        inside = (frequencies >= low) & (frequencies <= high)
        tp, fp, fn = (values[inside].sum() for values in (counts.tp, counts.fp, counts.fn))
        results[name] = precision_recall_f1(tp, tp + fp, tp + fn)
    return results
