"""Probabilities that mean what they say, and the threshold that micro F1 asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Method = Literal["platt", "temperature", "isotonic"]

_LOWEST = 1e-6
_TILT = 1e-3


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising map from scores to probabilities, and the threshold on the latter.

    Platt scaling has ``slope`` and ``intercept`` on the log-odds, temperature scaling (Guo et al.
    2017) the slope alone. Isotonic regression has ``knots``, pairs of score and probability
    between which it interpolates; where it is level, a thousandth of the score is mixed in, so
    that codes keep the order of their scores.
    """

    slope: float = 1.0
    intercept: float = 0.0
    threshold: float = 0.5
    method: Method = "platt"
    knots: tuple[tuple[float, float], ...] = ()

    def apply(self, probabilities: Floats) -> Floats:
        """Return the calibrated probabilities; shape as given."""
        if self.method == "isotonic":
            scores, levels = np.array(self.knots).T
            level = np.interp(probabilities, scores, levels)
            return np.asarray((1 - _TILT) * level + _TILT * probabilities)
        logit = self.slope * _logit(probabilities) + self.intercept
        return np.asarray(1.0 / (1.0 + np.exp(-logit)))

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a bundle."""
        return asdict(self) | {"knots": [list(knot) for knot in self.knots]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """Read what `to_json` wrote; what names no method is Platt's.

        Raises:
            ValueError: the method is unknown, or the knots do not rise.
        """
        method: Method = data.get("method", "platt")
        knots = tuple((float(score), float(level)) for score, level in data.get("knots", ()))
        if method not in get_args(Method) or (method == "isotonic") != bool(knots):
            raise ValueError(f"method {method!r} with {len(knots)} knots")
        if any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(knots)):
            raise ValueError("the knots do not rise")
        slope, intercept, threshold = (float(data[n]) for n in ("slope", "intercept", "threshold"))
        return cls(slope, intercept, threshold, method, knots)


def calibrate(
    probabilities: Floats, truth: Bools, n_gold: int, method: Method = "platt"
) -> Calibration:
    """Fit a calibration on probabilities of notes not learnt from, and the threshold.

    The threshold is half of the best micro F1: where probabilities are calibrated, that cut is
    the best one (Lipton et al. 2014), and it varies less than the best cut of the sample.

    Args:
        probabilities: of the candidates; shape (n,).
        truth: whether each is gold; shape (n,).
        n_gold: how many gold codes there are, those without a candidate too.
        method: ``platt`` (1999) and ``temperature`` hold with few codes, ``isotonic`` (Zadrozny
            and Elkan 2002) fits any rising curve where there are many.
    """
    if truth.all() or not truth.any():
        return Calibration()
    fitted = (
        _isotonic(probabilities, truth)
        if method == "isotonic"
        else _logistic(probabilities, truth, method)
    )
    return replace(fitted, threshold=best_f1(probabilities, truth, n_gold) / 2)


def _logistic(probabilities: Floats, truth: Bools, method: Method) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    with_intercept = method == "platt"
    model = LogisticRegression(C=1e6, fit_intercept=with_intercept)
    model.fit(_logit(probabilities)[:, None], truth)
    intercept = float(model.intercept_[0]) if with_intercept else 0.0
    return Calibration(float(model.coef_[0, 0]), intercept, method=method)


def _isotonic(probabilities: Floats, truth: Bools) -> Calibration:
    """Fit on Platt's targets: no count of notes makes a code certain, or impossible."""
    from sklearn.isotonic import IsotonicRegression

    n_right, n = int(truth.sum()), len(truth)
    targets = np.where(truth, (n_right + 1) / (n_right + 2), 1 / (n - n_right + 2))
    model = IsotonicRegression(out_of_bounds="clip").fit(probabilities, targets)
    knots = zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True)
    return Calibration(method="isotonic", knots=tuple(knots))


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
