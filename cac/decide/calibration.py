"""Probabilities that mean what they say, and the threshold that micro F1 asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

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
    """Fit Platt scaling (1999) on probabilities of notes not learnt from, and the threshold.

    The threshold is half of the best micro F1: where probabilities are calibrated, that cut is
    the best one (Lipton et al. 2014), and it varies less than the best cut of the sample.

    Args:
        probabilities: of the candidates; shape (n,).
        truth: whether each is gold; shape (n,).
        n_gold: how many gold codes there are, those without a candidate too.
    """
    if truth.all() or not truth.any():
        return Calibration()
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(_logit(probabilities)[:, None], truth)
    fitted = Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))
    threshold = best_f1(probabilities, truth, n_gold) / 2
    return Calibration(fitted.slope, fitted.intercept, threshold)


def best_f1(probabilities: Floats, truth: Bools, n_gold: int) -> float:
    """Return the best micro F1 that any threshold gives; codes of one probability stay together."""
    if not len(probabilities):
        return 0.0
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(order) + 1) + n_gold)
    last_of_ties = np.append(ranked[:-1] > ranked[1:], True)
    return float(f1[last_of_ties].max())


def _logit(probabilities: Floats) -> Floats:
    kept = np.clip(probabilities, _LOWEST, 1 - _LOWEST)
    return np.asarray(np.log(kept / (1 - kept)))
