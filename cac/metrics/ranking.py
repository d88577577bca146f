"""Metrics of each note's ranked codes.

Codes are ranked by score, highest first; equal scores stand in the order of the columns. In a
sparse matrix what is not stored is not ranked, so a note may have fewer ranks than codes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cac.errors import SettingsError
from cac.metrics.matrices import (
    Floats,
    Ints,
    Matrix,
    binary,
    mean_of_defined,
    require_same_shape,
    scores_of,
)


def hits_by_rank(y_true: Matrix, scores: Matrix) -> Iterator[tuple[Floats, int]]:
    """Yield for each note 1 or 0 by rank, as the code is gold, and the number of gold codes."""
    true, score = binary(y_true), scores_of(scores)
    require_same_shape(true, score)
    true.sort_indices()
    score.sort_indices()
    for row in range(true.shape[0]):
        gold: Ints = true.indices[true.indptr[row] : true.indptr[row + 1]]
        stored = slice(score.indptr[row], score.indptr[row + 1])
        order = np.argsort(-score.data[stored], kind="stable")
        ranked = score.indices[stored][order]
        yield np.isin(ranked, gold).astype(np.float64), len(gold)


def precision_at_k_by_note(y_true: Matrix, scores: Matrix, k: int) -> Floats:
    """Return the share of gold codes among the first ``k``; shape (n_notes,).

    Ranks that are not filled count as wrong: the divisor is always ``k``.
    """
    _require_positive(k)
    return np.array([hits[:k].sum() / k for hits, _ in hits_by_rank(y_true, scores)])


def recall_at_k_by_note(y_true: Matrix, scores: Matrix, k: int) -> Floats:
    """Return the share of the gold codes within the first ``k``; NaN without gold codes."""
    _require_positive(k)
    return np.array(
        [hits[:k].sum() / n if n else np.nan for hits, n in hits_by_rank(y_true, scores)]
    )


def r_precision_by_note(y_true: Matrix, scores: Matrix) -> Floats:
    """Return the precision at each note's number of gold codes; NaN without gold codes."""
    return np.array(
        [hits[:n].sum() / n if n else np.nan for hits, n in hits_by_rank(y_true, scores)]
    )


def average_precision_by_note(y_true: Matrix, scores: Matrix) -> Floats:
    """Return the mean of the precisions at the ranks of the gold codes; NaN without gold codes.

    Gold codes that are not ranked add nothing to the sum and count in the divisor.
    """
    return np.array([_average_precision(hits, n) for hits, n in hits_by_rank(y_true, scores)])


def precision_at_k(y_true: Matrix, scores: Matrix, k: int) -> float:
    """Return the mean over notes of the precision of the first ``k`` codes.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        scores: score of each code, the same shape; sparse where not every code is ranked.
        k: number of ranks.
    """
    return mean_of_defined(precision_at_k_by_note(y_true, scores, k))


def recall_at_k(y_true: Matrix, scores: Matrix, k: int) -> float:
    """Return the mean over notes with gold codes of the recall within the first ``k``."""
    return mean_of_defined(recall_at_k_by_note(y_true, scores, k))


def r_precision(y_true: Matrix, scores: Matrix) -> float:
    """Return the mean over notes with gold codes of the precision at their number."""
    return mean_of_defined(r_precision_by_note(y_true, scores))


def mean_average_precision(y_true: Matrix, scores: Matrix) -> float:
    """Return the mean over notes with gold codes of the average precision (MAP)."""
    return mean_of_defined(average_precision_by_note(y_true, scores))


def _average_precision(hits: Floats, n_gold: int) -> float:
    if not n_gold:
        return float("nan")
    precision = hits.cumsum() / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / n_gold)


def _require_positive(k: int) -> None:
    if k < 1:
        raise SettingsError(f"k = {k} found; it must be 1 or more.")
