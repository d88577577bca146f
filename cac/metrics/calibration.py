"""How far probabilities can be taken at their word."""

from __future__ import annotations

import numpy as np

from cac.errors import SettingsError
from cac.metrics.matrices import Floats


def brier_score(y_true: Floats, probabilities: Floats) -> float:
    """Return the mean squared distance of probability and outcome; NaN of nothing.

    Args:
        y_true: 0 or 1, shape (n,).
        probabilities: shape (n,).
    """
    true, probability = _checked(y_true, probabilities)
    return float(((probability - true) ** 2).mean()) if true.size else float("nan")


def expected_calibration_error(y_true: Floats, probabilities: Floats, *, n_bins: int = 15) -> float:
    """Return the distance of mean probability and share of positives over bins of equal width.

    Guo et al. 2017; each bin weighs as much as it has items; NaN of nothing.

    Args:
        y_true: 0 or 1, shape (n,).
        probabilities: shape (n,).
        n_bins: bins over 0..1, open below and closed above.
    """
    true, probability = _checked(y_true, probabilities)
    if not true.size:
        return float("nan")
    bins = np.clip(np.ceil(probability * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
    gap = np.bincount(bins, weights=probability - true, minlength=n_bins)
    return float(np.abs(gap).sum() / true.size)


def _checked(y_true: Floats, probabilities: Floats) -> tuple[Floats, Floats]:
    true = np.asarray(y_true, dtype=np.float64)
    probability = np.asarray(probabilities, dtype=np.float64)
    if true.shape != probability.shape or true.ndim != 1:
        raise SettingsError(
            f"Shapes {true.shape} and {probability.shape} found; both must be (n,)."
        )
    if probability.size and not (probability.min() >= 0 and probability.max() <= 1):
        raise SettingsError("A probability lies outside 0..1. Calibrate the scores first.")
    return true, probability
