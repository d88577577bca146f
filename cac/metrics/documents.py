"""Metrics of each note's set of codes."""

from __future__ import annotations

import numpy as np

from cac.errors import SettingsError
from cac.metrics.counts import counts_by_note
from cac.metrics.matrices import Floats, Ints, Matrix, mean_of_defined


def exact_match_by_note(y_true: Matrix, y_pred: Matrix) -> Floats:
    """Return 1 where a note's predicted codes are its gold codes, else 0; shape (n_notes,)."""
    counts = counts_by_note(y_true, y_pred)
    return np.asarray((counts.fp + counts.fn == 0).astype(np.float64))


def exact_match_ratio(y_true: Matrix, y_pred: Matrix) -> float:
    """Return the share of notes with exactly the gold codes."""
    return mean_of_defined(exact_match_by_note(y_true, y_pred))


def jaccard_by_note(y_true: Matrix, y_pred: Matrix) -> Floats:
    """Return the overlap of gold and predicted codes; 1 where both are empty; shape (n_notes,)."""
    counts = counts_by_note(y_true, y_pred)
    union = counts.tp + counts.fp + counts.fn
    return np.divide(counts.tp, union, out=np.ones_like(union), where=union > 0)


def jaccard(y_true: Matrix, y_pred: Matrix) -> float:
    """Return the mean over notes of the overlap of gold and predicted codes."""
    return mean_of_defined(jaccard_by_note(y_true, y_pred))


def principal_accuracy(principal_true: Ints, principal_pred: Ints) -> float:
    """Return the share of notes whose first-ranked diagnosis is the principal one.

    Args:
        principal_true: index of the principal diagnosis of each note, -1 where it has none.
        principal_pred: index of the first predicted diagnosis, -1 where there is none (an error).
    """
    true, pred = np.asarray(principal_true), np.asarray(principal_pred)
    if true.shape != pred.shape:
        raise SettingsError(f"{true.shape} principal and {pred.shape} predicted codes do not pair.")
    known = true >= 0
    return mean_of_defined((true == pred)[known].astype(np.float64))
