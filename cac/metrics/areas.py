"""Areas under the ROC and the precision-recall curve, micro and macro."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

from cac.metrics.matrices import (
    Floats,
    Matrix,
    binary,
    mean_of_defined,
    require_same_shape,
    scores_of,
)


def auc_roc(y_true: Floats, scores: Floats) -> float:
    """Return the area under the ROC curve; NaN without a positive or without a negative.

    Args:
        y_true: 0 or 1, shape (n,).
        scores: higher for likelier positives, shape (n,); ties count half.
    """
    true = np.asarray(y_true) != 0
    n_positive, n_negative = int(true.sum()), int((~true).sum())
    if not n_positive or not n_negative:
        return float("nan")
    rank_sum = float(rankdata(scores)[true].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def auc_pr(y_true: Floats, scores: Floats) -> float:
    """Return the average precision: the step-wise area under the precision-recall curve.

    NaN without a positive. Items of equal score enter together.
    """
    true = np.asarray(y_true) != 0
    if not true.any():
        return float("nan")
    order = np.argsort(-np.asarray(scores), kind="stable")
    sorted_scores, hits = np.asarray(scores)[order], true[order].cumsum()
    last = np.append(sorted_scores[1:] != sorted_scores[:-1], True)
    correct = hits[last]
    precision = correct / (np.flatnonzero(last) + 1)
    gained = np.diff(np.append(0, correct)) / correct[-1]
    return float((precision * gained).sum())


def auc_roc_micro(y_true: Matrix, scores: Matrix) -> float:
    """Return the area under the ROC curve over all pairs of a note and a code with a positive."""
    return _pooled(y_true, scores, auc_roc)


def auc_roc_macro(y_true: Matrix, scores: Matrix) -> float:
    """Return the mean area over the codes that have a positive and a negative."""
    return _by_code(y_true, scores, auc_roc)


def auc_pr_micro(y_true: Matrix, scores: Matrix) -> float:
    """Return the average precision over all pairs of a note and a code with a positive."""
    return _pooled(y_true, scores, auc_pr)


def auc_pr_macro(y_true: Matrix, scores: Matrix) -> float:
    """Return the mean average precision over the codes that have a positive."""
    return _by_code(y_true, scores, auc_pr)


def _columns_with_positive(y_true: Matrix, scores: Matrix) -> tuple[Floats, Floats]:
    """Return both as dense arrays of the codes with a positive; what has no score stands last."""
    true, score = binary(y_true), scores_of(scores)
    require_same_shape(true, score)
    kept = np.flatnonzero(np.asarray(true.sum(axis=0)).ravel())
    column = np.full(true.shape[1], -1, dtype=np.int64)
    column[kept] = np.arange(len(kept))
    dense = np.full((true.shape[0], len(kept)), -np.inf)
    rows = np.repeat(np.arange(score.shape[0]), np.diff(score.indptr))
    inside = column[score.indices] >= 0
    dense[rows[inside], column[score.indices[inside]]] = score.data[inside]
    return true[:, kept].toarray().astype(np.float64), dense


def _pooled(y_true: Matrix, scores: Matrix, area: Callable[[Floats, Floats], float]) -> float:
    true, score = _columns_with_positive(y_true, scores)
    return area(true.ravel(), score.ravel())


def _by_code(y_true: Matrix, scores: Matrix, area: Callable[[Floats, Floats], float]) -> float:
    true, score = _columns_with_positive(y_true, scores)
    areas = [area(true[:, column], score[:, column]) for column in range(true.shape[1])]
    return mean_of_defined(np.array(areas, dtype=np.float64))
