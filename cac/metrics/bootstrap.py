"""Bootstrap intervals over notes: how much a figure would move with other notes of the kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from cac.errors import SettingsError
from cac.metrics.counts import counts_by_note
from cac.metrics.matrices import (
    Floats,
    Matrix,
    binary,
    column_sums,
    ratio,
    require_same_shape,
)

#: From the weights of the notes, shape (n_samples, n_notes), to a figure for each sample.
Statistic = Callable[[Floats], Floats]

_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure on all notes, with the bounds between which ``level`` of its samples lie."""

    value: float
    low: float
    high: float
    level: float = 0.95


def bootstrap_interval(
    statistic: Statistic,
    n_notes: int,
    *,
    n_samples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the percentile interval of a figure under resampling of the notes.

    A sample draws ``n_notes`` notes with replacement; ``statistic`` sees how often each was drawn.
    Samples in which the figure is not defined are left out.

    Raises:
        SettingsError: there are no notes or samples, or the level lies outside 0..1.
    """
    if n_notes < 1 or n_samples < 1 or not 0 < level < 1:
        raise SettingsError(
            f"{n_notes} notes, {n_samples} samples and level {level} found. "
            "There must be at least one note and one sample, and a level between 0 and 1."
        )
    value = float(statistic(np.ones((1, n_notes)))[0])
    samples = np.concatenate([statistic(w) for w in _weights(n_notes, n_samples, seed)])
    defined = samples[~np.isnan(samples)]
    if not defined.size:
        return Interval(value, float("nan"), float("nan"), level)
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(value, float(low), float(high), level)


def mean_statistic(by_note: Floats) -> Statistic:
    """Return the mean over notes of a figure, NaN left out; ``by_note`` has shape (n_notes,)."""
    values = np.asarray(by_note, dtype=np.float64)
    defined = (~np.isnan(values)).astype(np.float64)
    filled = np.nan_to_num(values)
    return lambda weights: ratio(weights @ filled, weights @ defined)


def ratio_statistic(numerator: Floats, denominator: Floats) -> Statistic:
    """Return the ratio of two sums over notes; both have shape (n_notes,)."""
    return lambda weights: ratio(weights @ numerator, weights @ denominator)


def micro_f1_statistic(y_true: Matrix, y_pred: Matrix) -> Statistic:
    """Return micro F1 as a statistic of the notes."""
    counts = counts_by_note(y_true, y_pred)
    return ratio_statistic(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn)


def macro_f1_present_statistic(y_true: Matrix, y_pred: Matrix) -> Statistic:
    """Return `macro_f1_present` as a statistic of the notes: over the codes of each sample."""
    true, pred = binary(y_true), binary(y_pred)
    require_same_shape(true, pred)
    present = column_sums(true) > 0
    true, pred = true[:, present], pred[:, present]
    both = true.multiply(pred).tocsr()

    def statistic(weights: Floats) -> Floats:
        gold = _by_code(true, weights)
        f1 = ratio(2 * _by_code(both, weights), gold + _by_code(pred, weights))
        drawn = gold > 0
        n_drawn = np.asarray(drawn.sum(axis=1), dtype=np.float64)
        return ratio(np.where(drawn, f1, 0.0).sum(axis=1), n_drawn)

    return statistic


def _by_code(matrix: sparse.csr_matrix, weights: Floats) -> Floats:
    """Return the weighted column sums; shape (n_samples, n_codes)."""
    return np.asarray(matrix.T.dot(weights.T), dtype=np.float64).T


def _weights(n_notes: int, n_samples: int, seed: int) -> Iterator[Floats]:
    """Yield weights in chunks of samples, so that memory stays small; the seed fixes them all."""
    random = np.random.default_rng(seed)
    shares = np.full(n_notes, 1 / n_notes)
    for start in range(0, n_samples, _CHUNK):
        size = min(_CHUNK, n_samples - start)
        yield random.multinomial(n_notes, shares, size=size).astype(np.float64)
