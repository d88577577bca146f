"""Probabilities that mean what they say, and the threshold with the best micro F1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cac.learn.trees import Bools, Floats

_LOWEST = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's two numbers, and the threshold on the calibrated probability."""

    slope: float = 1.0
    intercept: float = 0.0
    threshold: float = 0.5

    def apply(self, probabilities: Floats) -> Floats:
        """Return the calibrated probabilities; shape as given."""
        logit = self.slope * _logit(probabilities) + self.intercept
        return np.asarray(1.0 / (1.0 + np.exp(-logit)))

    def to_json(self) -> dict[str, float]:
        """Return plain data for a bundle."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """Read what `to_json` wrote."""
        return cls(float(data["slope"]), float(data["intercept"]), float(data["threshold"]))


def calibrate(probabilities: Floats, truth: Bools, n_gold: int) -> Calibration:
    """Fit Platt scaling (1999) and the threshold on probabilities of notes not learnt from.

    ``n_gold`` counts the gold codes, those without a candidate too.
    """
    if truth.all() or not truth.any():
        return Calibration()
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(_logit(probabilities)[:, None], truth)
    fitted = Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))
    threshold = best_threshold(fitted.apply(probabilities), truth, n_gold)
    return Calibration(fitted.slope, fitted.intercept, threshold)


def best_threshold(probabilities: Floats, truth: Bools, n_gold: int) -> float:
    """Return the threshold with the best micro F1, midway between two probabilities."""
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(order) + 1) + n_gold)
    last_of_ties = np.append(ranked[:-1] > ranked[1:], True)
    best = int(np.argmax(np.where(last_of_ties, f1, -1.0)))
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + below) / 2)


def _logit(probabilities: Floats) -> Floats:
    kept = np.clip(probabilities, _LOWEST, 1 - _LOWEST)
    return np.asarray(np.log(kept / (1 - kept)))
