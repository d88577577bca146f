"""Two systems' answers to the same notes: how they differ, and how likely by chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from cac.errors import SettingsError
from cac.metrics.counts import micro
from cac.metrics.matrices import Floats
from cac.metrics.pairing import Pairing
from cac.metrics.randomization import compare_means, compare_micro_f1
from cac.metrics.ranking import (
    average_precision_by_note,
    precision_at_k_by_note,
    r_precision_by_note,
)

_RANK = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of both systems; ``p_value`` is two-sided, by approximate randomization."""

    name: str
    first: float
    second: float
    difference: float
    p_value: float
    n_shuffles: int


def differences(
    first: Pairing,
    second: Pairing,
    predicted: tuple[sparse.csr_matrix, sparse.csr_matrix],
    *,
    n_shuffles: int = 9999,
    seed: int = 0,
) -> list[Difference]:
    """Compare micro F1, MAP, R-precision and P@8 of two systems.

    Args:
        first: gold and suggested codes of the one system.
        second: those of the other, over the same notes and columns.
        predicted: what each predicts, shape (n_notes, n_codes) both.
        n_shuffles: 9,999 is usual.
        seed: fixes the shuffles.

    Raises:
        SettingsError: the pairings are not over the same notes and codes.
    """
    if first.codes != second.codes or first.gold != second.gold:
        raise SettingsError("The two systems are not paired over the same notes and codes.")
    found = compare_micro_f1(first.y_true, *predicted, n_shuffles=n_shuffles, seed=seed)
    one, two = (micro(first.y_true, matrix).f1 for matrix in predicted)
    rows = [Difference("micro_f1", one, two, found.difference, found.p_value, n_shuffles)]
    for name, ours, theirs in _by_note(first, second):
        defined = ~(np.isnan(ours) | np.isnan(theirs))
        if not defined.any():
            continue
        means = compare_means(ours[defined], theirs[defined], n_shuffles=n_shuffles, seed=seed)
        values = float(ours[defined].mean()), float(theirs[defined].mean())
        rows.append(Difference(name, *values, means.difference, means.p_value, n_shuffles))
    return rows


def _by_note(first: Pairing, second: Pairing) -> Iterator[tuple[str, Floats, Floats]]:
    true, one, two = first.y_true, first.rank_scores, second.rank_scores
    yield "map", average_precision_by_note(true, one), average_precision_by_note(true, two)
    yield "r_precision", r_precision_by_note(true, one), r_precision_by_note(true, two)
    first_ranks = precision_at_k_by_note(true, one, _RANK)
    yield f"p_at_{_RANK}", first_ranks, precision_at_k_by_note(true, two, _RANK)
