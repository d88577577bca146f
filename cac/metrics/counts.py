"""True and false positives and false negatives, by code or by note, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cac.metrics.matrices import (
    Floats,
    Matrix,
    binary,
    column_sums,
    ratio,
    require_same_shape,
    row_sums,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives of each code or note."""

    tp: Floats
    fp: Floats
    fn: Floats


@dataclass(frozen=True, slots=True)
class PrecisionRecallF1:
    """Precision, recall and their harmonic mean, with the counts under them.

    NaN stands where nothing was predicted (precision), nothing is gold (recall), or neither (f1).
    """

    precision: float
    recall: float
    f1: float
    n_correct: float
    n_predicted: float
    n_gold: float


def counts_by_code(y_true: Matrix, y_pred: Matrix) -> Counts:
    """Count by code; each field has shape (n_codes,)."""
    true, pred = binary(y_true), binary(y_pred)
    require_same_shape(true, pred)
    tp = column_sums(true.multiply(pred))
    return Counts(tp, column_sums(pred) - tp, column_sums(true) - tp)


def counts_by_note(y_true: Matrix, y_pred: Matrix) -> Counts:
    """Count by note; each field has shape (n_notes,)."""
    true, pred = binary(y_true), binary(y_pred)
    require_same_shape(true, pred)
    tp = row_sums(true.multiply(pred))
    return Counts(tp, row_sums(pred) - tp, row_sums(true) - tp)


def precision_recall_f1(n_correct: float, n_predicted: float, n_gold: float) -> PrecisionRecallF1:
    """Return precision, recall and F1 from three counts."""
    counts = np.array([n_correct, n_correct, 2 * n_correct], dtype=np.float64)
    totals = np.array([n_predicted, n_gold, n_predicted + n_gold], dtype=np.float64)
    precision, recall, f1 = ratio(counts, totals).tolist()
    return PrecisionRecallF1(
        precision, recall, f1, float(n_correct), float(n_predicted), float(n_gold)
    )


def pooled(counts: Counts) -> PrecisionRecallF1:
    """Return precision, recall and F1 of the summed counts."""
    tp, fp, fn = counts.tp.sum(), counts.fp.sum(), counts.fn.sum()
    return precision_recall_f1(tp, tp + fp, tp + fn)


def micro(y_true: Matrix, y_pred: Matrix) -> PrecisionRecallF1:
    """Return micro precision, recall and F1: over all pairs of a note and a code.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        y_pred: predicted codes, the same shape.
    """
    return pooled(counts_by_note(y_true, y_pred))
