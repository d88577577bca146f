"""Whether the promise of the bands held on notes that did not set them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cac.coding import Band
from cac.decide.bands import Bands, Ints, design_effect, precision_bound
from cac.decide.calibration import Bools, Floats


@dataclass(frozen=True, slots=True)
class BandFigures:
    """What one band gave.

    ``share`` is its part of all gold codes that it finds (recall); ``lower`` and ``upper`` bound
    the precision from each side with the promise's confidence; both NaN where nothing is in it.
    """

    band: Band
    n_codes: int
    n_right: int
    precision: float
    lower: float
    upper: float
    share: float


@dataclass(frozen=True, slots=True)
class Promise:
    """The bands on other notes; ``kept`` unless the notes speak against the promised precision.

    ``kept`` is None where nothing was accepted: then nothing was promised.
    """

    figures: tuple[BandFigures, ...]
    kept: bool | None


def check_promise(
    bands: Bands, probabilities: Floats, truth: Bools, notes: Ints, *, n_gold: int
) -> Promise:
    """Measure each band on notes that neither set it nor were learnt from.

    Args:
        bands: of one code system.
        probabilities: calibrated, of the codes of these notes; shape (n,).
        truth: whether each is gold; shape (n,).
        notes: the number of each code's note; shape (n,).
        n_gold: gold codes in all, those without a probability too.
    """
    of_code = np.array([bands.of(p) for p in probabilities.tolist()], dtype=object)
    figures = tuple(
        _figures(band, truth[of_code == band], notes[of_code == band], bands.confidence, n_gold)
        for band in Band
    )
    accepted = figures[0]
    kept = accepted.upper >= bands.precision if accepted.n_codes else None
    return Promise(figures, kept)


def _figures(band: Band, right: Bools, notes: Ints, confidence: float, n_gold: int) -> BandFigures:
    n, n_right = len(right), int(right.sum())
    share = n_right / n_gold if n_gold else float("nan")
    if not n:
        nothing = float("nan")
        return BandFigures(band, 0, 0, nothing, nothing, nothing, share)
    effect = design_effect(right, notes)
    lower = precision_bound(n_right, n, confidence, effect)
    upper = 1 - precision_bound(n - n_right, n, confidence, effect)
    return BandFigures(band, n, n_right, n_right / n, lower, upper, share)
