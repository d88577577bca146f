"""Which notes an epoch reads, in which batches: decided by seed and epoch alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cac.classify.bucketing import batches_by_length

Floats = npt.NDArray[np.float64]


def rarity(labels: Sequence[Sequence[int]], exponent: float) -> Floats:
    """Return the share with which each note is drawn, by its rarest label; shape (n_notes,).

    A note whose rarest label stands in n notes weighs n to the minus ``exponent``; one without
    labels weighs as the commonest label.

    Args:
        labels: the columns of each note's labels.
        exponent: 0 draws all alike.
    """
    counts = Counter(label for of_note in labels for label in of_note)
    most = max(counts.values(), default=1)
    rarest = [min((counts[label] for label in of_note), default=most) for of_note in labels]
    weights = np.array(rarest, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())


def epoch_batches(
    lengths: Sequence[int], shares: Floats | None, *, batch_notes: int, seed: int, epoch: int
) -> list[list[int]]:
    """Return the batches of an epoch, as positions of notes of like length.

    Args:
        lengths: tokens by note.
        shares: how often each note is drawn, with replacement; None reads each once.
        batch_notes: notes in a batch.
        seed: of the run.
        epoch: gives another order each time.
    """
    drawn = np.arange(len(lengths))
    if shares is not None:
        drawn = np.random.default_rng([seed, epoch]).choice(len(lengths), len(lengths), p=shares)
    batches = batches_by_length(
        [lengths[i] for i in drawn], max_notes=batch_notes, seed=seed * 1000 + epoch
    )
    return [[int(drawn[i]) for i in batch] for batch in batches]
