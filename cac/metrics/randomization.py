"""Approximate randomization: whether two systems differ by more than chance (Noreen 1989)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cac.errors import SettingsError
from cac.metrics.counts import counts_by_note
from cac.metrics.matrices import Floats, Matrix, ratio

_CHUNK = 1000
# Differences that are equal but for rounding count as equal.
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of two systems (first less second) and how likely chance gives as much."""

    difference: float
    p_value: float
    n_shuffles: int


def compare_micro_f1(
    y_true: Matrix, first: Matrix, second: Matrix, *, n_shuffles: int = 9999, seed: int = 0
) -> Comparison:
    """Test the difference in micro F1 of two systems on the same notes, two-sided.

    Each shuffle swaps the systems' answers on a random half of the notes; the p-value counts the
    shuffles, and the observed answer itself, that differ at least as much.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        first: codes predicted by the one system, the same shape.
        second: codes predicted by the other, the same shape.
        n_shuffles: 9,999 is usual.
        seed: fixes the shuffles.
    """
    a, b = counts_by_note(y_true, first), counts_by_note(y_true, second)
    numerators = 2 * a.tp, 2 * b.tp
    denominators = 2 * a.tp + a.fp + a.fn, 2 * b.tp + b.fp + b.fn
    return _compare(numerators, denominators, n_shuffles, seed)


def compare_means(
    first: Floats, second: Floats, *, n_shuffles: int = 9999, seed: int = 0
) -> Comparison:
    """Test the difference of the means of a figure by note; shape (n_notes,), no NaN."""
    if np.isnan(first).any() or np.isnan(second).any():
        raise SettingsError("A note without a figure found. Leave it out of both systems.")
    ones = np.ones(len(first))
    return _compare((first, second), (ones, ones), n_shuffles, seed)


def _compare(
    numerators: tuple[Floats, Floats], denominators: tuple[Floats, Floats], n: int, seed: int
) -> Comparison:
    if n < 1:
        raise SettingsError(f"{n} shuffles found; at least one is wanted.")

    def difference(swapped: Floats) -> Floats:
        first = ratio(_mixed(numerators, swapped), _mixed(denominators, swapped))
        second = ratio(_mixed(numerators, 1 - swapped), _mixed(denominators, 1 - swapped))
        return first - second

    random = np.random.default_rng(seed)
    n_notes = len(numerators[0])
    observed = float(difference(np.zeros((1, n_notes)))[0])
    n_as_large = 0
    for start in range(0, n, _CHUNK):
        swapped = random.integers(0, 2, size=(min(_CHUNK, n - start), n_notes)).astype(np.float64)
        n_as_large += int((np.abs(difference(swapped)) >= abs(observed) - _TOLERANCE).sum())
    return Comparison(observed, (n_as_large + 1) / (n + 1), n)


def _mixed(pair: tuple[Floats, Floats], swapped: Floats) -> Floats:
    """Sum over notes the first's figure, or the second's where swapped; shape (n_shuffles,)."""
    return np.asarray(pair[0].sum() + swapped @ (pair[1] - pair[0]))
