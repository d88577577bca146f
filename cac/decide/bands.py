"""Risk-controlled bands: from which probability on suggestions keep a promised precision.

Learn-then-Test (Angelopoulos et al. 2021) over probabilities from the highest down, with an exact
binomial test at each (Clopper and Pearson 1934), on dev notes that nothing was learnt from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cac.coding import Band
from cac.decide.calibration import Bools, Floats

Ints = npt.NDArray[np.int64]
PRECISION, CONFIDENCE = 0.95, 0.9
_N_CHAINS = 5
_GROWTH = 1.15


@dataclass(frozen=True, slots=True)
class Bands:
    """From ``accept`` on, ``precision`` was promised with ``confidence``; above 1 never.

    From ``review`` on codes are suggested. ``n_accepted`` and ``n_right`` are what dev notes gave,
    ``design_effect`` how much less the codes of one note tell than as many of different notes.
    """

    accept: float
    review: float
    precision: float = PRECISION
    confidence: float = CONFIDENCE
    n_accepted: int = 0
    n_right: int = 0
    design_effect: float = 1.0

    def of(self, probability: float) -> Band:
        """Return the band of a calibrated probability."""
        if probability >= max(self.accept, self.review):
            return Band.ACCEPT
        return Band.REVIEW if probability >= self.review else Band.ABSTAIN

    def to_json(self) -> dict[str, float]:
        """Return plain data for a bundle."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Bands:
        """Read what `to_json` wrote."""
        return cls(**data)


NEVER = 2.0
"""A probability that nothing reaches: no code is accepted without review."""


def fit_bands(
    probabilities: Floats,
    truth: Bools,
    notes: Ints,
    review: float,
    *,
    precision: float = PRECISION,
    confidence: float = CONFIDENCE,
) -> Bands:
    """Choose the lowest probability whose precision is at least ``precision``, with confidence.

    The thresholds to be tested are fixed by how many codes they take, never by which are right.
    Several chains start at different depths, each with its share of the allowed error, and end
    at their first failure, so that a mistake near the top does not end the search.

    Args:
        probabilities: calibrated, of codes of dev notes; shape (n,).
        truth: whether each is gold; shape (n,).
        notes: the number of each code's note; shape (n,).
        review: from which probability codes are suggested.
        precision: the share of accepted codes that must be right.
        confidence: how sure the promise must be.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked, right, of_note = probabilities[order], truth[order], notes[order]
    best = Bands(NEVER, review, precision, confidence)
    ends = _ends(ranked, review, precision, (1 - confidence) / _N_CHAINS)
    for chain in _chains(ends):
        for n in chain:
            effect = design_effect(right[:n], of_note[:n])
            n_right = int(right[:n].sum())
            if binomial_p(n_right, n, precision, effect) > (1 - confidence) / _N_CHAINS:
                break
            if n > best.n_accepted:
                accept = float(ranked[n - 1])
                best = Bands(accept, review, precision, confidence, int(n), n_right, effect)
    return best


def binomial_p(n_right: int, n: int, precision: float, effect: float = 1.0) -> float:
    """Return how likely so many right codes, or more, are at a precision no better than asked.

    ``effect`` shrinks both counts to those of independent codes (Rao and Scott 1992).
    """
    from scipy.stats import beta

    n_effective, right = n / effect, n_right / effect
    # The tail of the binomial as a beta integral, which also takes counts that are no integers.
    return float(beta.cdf(precision, right, n_effective - right + 1)) if right > 0 else 1.0


def precision_bound(n_right: int, n: int, confidence: float, effect: float = 1.0) -> float:
    """Return the precision that holds at least, one-sided (Clopper and Pearson 1934)."""
    from scipy.stats import beta

    if not n_right:
        return 0.0
    right, n_effective = n_right / effect, n / effect
    return float(beta.ppf(1 - confidence, right, n_effective - right + 1))


def design_effect(right: Bools, notes: Ints) -> float:
    """Return by how much mistakes bunch in notes: 1 or more (Rao and Scott 1992).

    The variance of the share right, notes taken as clusters, over that of independent codes.
    """
    n, share = len(right), float(right.mean()) if len(right) else 0.0
    if n < 2 or share in (0.0, 1.0):
        return 1.0
    _, cluster = np.unique(notes, return_inverse=True)
    n_clusters = int(cluster.max()) + 1
    if n_clusters < 2:
        return 1.0
    residual = np.bincount(cluster, weights=right - share)
    variance = n_clusters / (n_clusters - 1) * float((residual**2).sum()) / n**2
    return max(1.0, variance / (share * (1 - share) / n))


def _ends(ranked: Floats, review: float, precision: float, error: float) -> Ints:
    """Return how many codes each threshold takes: the fewest that could pass, and ever more.

    Codes of one probability are taken together; none below ``review`` is.
    """
    fewest = int(np.ceil(np.log(error) / np.log(precision)))
    n_reviewed = int((ranked >= review).sum())
    counts = []
    n = float(fewest)
    while n <= n_reviewed:
        last_equal = int(np.searchsorted(-ranked, -ranked[int(n) - 1], side="right"))
        counts.append(last_equal)
        n = max(last_equal + 1.0, n * _GROWTH)
    return np.array(counts, dtype=np.int64)


def _chains(ends: Ints) -> Iterator[Ints]:
    """Yield the thresholds from each starting point down."""
    for start in dict.fromkeys(len(ends) * i // _N_CHAINS for i in range(_N_CHAINS)):
        yield ends[start:]
