"""Calibration: from log-odds to probabilities that hold, fitted on labelled dev notes."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cac.errors import BundleError, SettingsError

_FLOOR = 0.0005  # no count of notes makes a code certain, or impossible
_REACH, _PRECISION = 30.0, 1e-6
_METHODS = ("platt", "isotonic")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone map from log-odds to probability; ``fitted_on`` names the labels.

    Platt scaling (Platt 1999) uses ``slope`` and ``intercept``; isotonic regression the
    ``knots``, pairs of log-odds and probability between which it interpolates. The features of
    a code are first multiplied by ``multipliers`` (1 where it has none).
    """

    method: str
    fitted_on: str
    n_labels: int
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()
    multipliers: Mapping[str, float] = field(default_factory=dict)

    def weigh(self, parts: Mapping[str, float]) -> dict[str, float]:
        """Return the parts of a code's log-odds, each with its multiplier."""
        return {name: value * self.multipliers.get(name, 1.0) for name, value in parts.items()}

    def probability(self, log_odds: float) -> float:
        """Return the probability that a code with these log-odds is right."""
        if self.method == "platt":
            value = _logistic(self.slope * log_odds + self.intercept)
        else:
            value = _interpolated(self.knots, log_odds)
        return min(1.0 - _FLOOR, max(_FLOOR, value))

    def log_odds(self, probability: float) -> float:
        """Return the least log-odds that reach a probability, by bisection."""
        low, high = -_REACH, _REACH
        while high - low > _PRECISION:
            middle = (low + high) / 2.0
            reached = self.probability(middle) >= probability
            low, high = (low, middle) if reached else (middle, high)
        return high

    def save(self, file: Path) -> None:
        """Write the calibration as JSON."""
        file.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Calibration:
        """Read a calibration; a damaged one is refused."""
        try:
            data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            knots = tuple((float(x), float(y)) for x, y in data.pop("knots"))
            calibration = cls(**data, knots=knots)
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"Calibration {file.name} is damaged or of another version. Fit it again."
            ) from error
        return _checked(calibration)


def fit_calibration(
    parts: Sequence[Mapping[str, float]],
    labels: Sequence[bool],
    *,
    method: str = "isotonic",
    fitted_on: str,
    reweigh: bool = False,
) -> Calibration:
    """Fit on the parts of ranked codes and whether each was in the gold codes.

    ``reweigh`` first fits a multiplier for each feature, held near 1 by a penalty. Raises
    SettingsError where there are no labels of both kinds.
    """
    if method not in _METHODS:
        raise SettingsError(f"Calibration method {method!r}. Known: {', '.join(_METHODS)}.")
    if len(parts) != len(labels) or len(set(labels)) < len((True, False)):
        raise SettingsError(
            f"{len(parts)} codes with {len(labels)} labels of {len(set(labels))} kinds; "
            "wanted one label a code, some right and some wrong."
        )
    multipliers = _fit_multipliers(parts, labels) if reweigh else {}
    sums = [sum(v * multipliers.get(n, 1.0) for n, v in row.items()) for row in parts]
    if method == "platt":
        slope, intercept = _fit_platt(sums, labels)
        return Calibration(method, fitted_on, len(labels), slope, intercept, (), multipliers)
    knots = _fit_isotonic(sums, labels)
    return Calibration(method, fitted_on, len(labels), knots=knots, multipliers=multipliers)


def _checked(calibration: Calibration) -> Calibration:
    if calibration.method not in _METHODS or (
        calibration.method == "isotonic" and not calibration.knots
    ):
        raise BundleError(
            f"Calibration method {calibration.method!r}, {len(calibration.knots)} knots. "
            f"Known: {', '.join(_METHODS)}; isotonic needs knots. Fit it again."
        )
    return calibration


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))


def _interpolated(knots: Sequence[tuple[float, float]], x: float) -> float:
    index = bisect_right(knots, (x, math.inf))
    if index == 0:
        return knots[0][1]
    if index == len(knots):
        return knots[-1][1]
    (x0, y0), (x1, y1) = knots[index - 1], knots[index]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _fit_platt(sums: Sequence[float], labels: Sequence[bool]) -> tuple[float, float]:
    """Fit slope and intercept with Platt's smoothed targets, by penalised Newton steps."""
    n_right = sum(labels)
    right = (n_right + 1.0) / (n_right + 2.0)
    wrong = 1.0 / (len(labels) - n_right + 2.0)
    targets = [right if label else wrong for label in labels]
    slope, intercept = _newton([[s, 1.0] for s in sums], targets, [1.0, 0.0], penalty=1e-3)
    return max(slope, 1e-3), intercept


def _fit_isotonic(sums: Sequence[float], labels: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    """Pool adjacent violators; each block becomes a knot at its mean log-odds."""
    blocks: list[list[float]] = []  # sum of x, number right, number
    for x, label in sorted(zip(sums, labels, strict=True)):
        blocks.append([x, float(label), 1.0])
        while len(blocks) > 1 and _violates(blocks[-2], blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return tuple((x / n, right / n) for x, right, n in blocks)


def _violates(lower: Sequence[float], upper: Sequence[float]) -> bool:
    same_x = lower[0] / lower[2] == upper[0] / upper[2]
    return same_x or lower[1] / lower[2] >= upper[1] / upper[2]


def _fit_multipliers(
    parts: Sequence[Mapping[str, float]], labels: Sequence[bool]
) -> dict[str, float]:
    names = sorted({name for row in parts for name in row})
    rows = [[row.get(name, 0.0) for name in names] for row in parts]
    fitted = _newton(rows, [float(label) for label in labels], [1.0] * len(names), penalty=5.0)
    return {name: max(0.0, round(value, 4)) for name, value in zip(names, fitted, strict=True)}


def _newton(
    rows: Sequence[Sequence[float]],
    targets: Sequence[float],
    start: Sequence[float],
    *,
    penalty: float,
) -> list[float]:
    """Maximise the logistic likelihood with a quadratic penalty on the distance to ``start``."""
    import numpy as np

    x, y, prior = np.asarray(rows), np.asarray(targets), np.asarray(start, dtype=float)
    weights = prior.copy()
    for _ in range(50):
        predicted = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30.0, 30.0)))
        gradient = x.T @ (predicted - y) + penalty * (weights - prior)
        spread = predicted * (1.0 - predicted)
        hessian = x.T @ (x * spread[:, None]) + penalty * np.eye(len(prior))
        step = np.linalg.solve(hessian, gradient)
        weights = weights - np.clip(step, -1.0, 1.0)  # whole steps can overshoot for ever
        if float(np.abs(step).max()) < 1e-8:
            break
    return [float(w) for w in weights]
