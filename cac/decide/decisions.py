"""What is decided for each code system on dev notes: calibration, threshold, bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cac.coding import Code, CodeSystem
from cac.decide.bands import CONFIDENCE, PRECISION, Bands, fit_bands
from cac.decide.calibration import Bools, Calibration, Floats, Method, calibrate

LEAST_SCORE = 1e-4
"""Scores below it are never suggested, and are left out of what is fitted."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How the scores of one code system are read; the threshold is in ``calibration``."""

    calibration: Calibration
    bands: Bands

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a bundle."""
        return {"calibration": self.calibration.to_json(), "bands": self.bands.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Decision:
        """Read what `to_json` wrote."""
        return cls(Calibration.from_json(data["calibration"]), Bands.from_json(data["bands"]))


Decisions = Mapping[CodeSystem, Decision]


def fit_decisions(
    scores: Floats,
    truth: Bools,
    codes: Sequence[Code],
    *,
    method: Method = "platt",
    precision: float = PRECISION,
    confidence: float = CONFIDENCE,
) -> dict[CodeSystem, Decision]:
    """Fit each system by itself, on notes that nothing was learnt from; never on test notes.

    The threshold is the one of highest micro F1, found exactly by sorting.

    Args:
        scores: uncalibrated probabilities; shape (n_notes, n_codes).
        truth: whether a code is gold; the same shape.
        codes: the columns.
        method: how scores become probabilities.
        precision: what the band `accept` promises.
        confidence: how sure that promise is.
    """
    decisions = {}
    for system in sorted({code.system for code in codes}):
        columns = np.array([code.system is system for code in codes], dtype=bool)
        decisions[system] = _decide(
            scores[:, columns], truth[:, columns], method, precision, confidence
        )
    return decisions


def apply_calibration(scores: Floats, codes: Sequence[Code], decisions: Decisions) -> Floats:
    """Return calibrated probabilities; shape as given, (n_notes, n_codes)."""
    calibrated = np.array(scores, dtype=np.float64)
    for system, decision in decisions.items():
        columns = np.array([code.system is system for code in codes], dtype=bool)
        calibrated[:, columns] = decision.calibration.apply(calibrated[:, columns])
    return calibrated


def _decide(
    scores: Floats, truth: Bools, method: Method, precision: float, confidence: float
) -> Decision:
    # Imported here, since who only suggests needs no metrics and starts faster without.
    from scipy import sparse

    from cac.metrics.thresholds import best_threshold

    held = scores >= LEAST_SCORE
    fitted = calibrate(scores[held], truth[held], int(truth.sum()), method)
    calibrated = fitted.apply(scores)
    # Sparse, since of thousands of labels a note has few that are likely at all.
    found = best_threshold(truth, sparse.csr_matrix(np.where(held, calibrated, 0.0)))
    threshold = found.value if np.isfinite(found.value) else fitted.threshold
    notes = np.nonzero(held)[0]
    bands = fit_bands(
        calibrated[held], truth[held], notes, threshold, precision=precision, confidence=confidence
    )
    return Decision(replace(fitted, threshold=threshold), bands)
