"""The two macro F1 of the literature, which differ by a factor of two; report both by name."""

from __future__ import annotations

import numpy as np

from cac.metrics.counts import Counts, counts_by_code
from cac.metrics.matrices import Floats, Matrix, mean_of_defined, ratio


def f1_by_code(counts: Counts) -> Floats:
    """Return each code's F1; NaN where it is neither gold nor predicted; shape (n_codes,)."""
    return ratio(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn)


def macro_f1_present(y_true: Matrix, y_pred: Matrix) -> float:
    """Return the mean F1 over the codes that are gold in some note (Edin et al. 2023).

    Codes absent from the split do not count as zero; NaN where no code is gold.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        y_pred: predicted codes, the same shape.
    """
    counts = counts_by_code(y_true, y_pred)
    return mean_of_defined(f1_by_code(counts)[counts.tp + counts.fn > 0])


def macro_f1_caml(y_true: Matrix, y_pred: Matrix) -> float:
    """Return the harmonic mean of macro precision and macro recall (Mullenbach et al. 2018).

    Both are means over all columns, and by that definition a code that is never predicted has
    precision 0, one that is never gold recall 0; so the value depends on the label space.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        y_pred: predicted codes, the same shape.
    """
    counts = counts_by_code(y_true, y_pred)
    precision = np.nan_to_num(ratio(counts.tp, counts.tp + counts.fp))
    recall = np.nan_to_num(ratio(counts.tp, counts.tp + counts.fn))
    if not precision.size:
        return float("nan")
    both = np.float64(precision.mean() + recall.mean())
    product = np.float64(2 * precision.mean() * recall.mean())
    return float(product / both) if both else 0.0
