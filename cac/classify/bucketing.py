"""Batches of notes of like length, in an order that a seed decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

_N_BATCHES_IN_BUCKET = 50


def batches_by_length(
    lengths: Sequence[int],
    *,
    max_notes: int,
    max_tokens: int | None = None,
    seed: int | None = None,
) -> list[list[int]]:
    """Return the positions of notes, batch by batch; each note stands in exactly one.

    Without a seed the longest come first, so that memory fails at once or never. With one, notes
    are shuffled, sorted by length within buckets of fifty batches, and the batches shuffled.

    Args:
        lengths: tokens by note.
        max_notes: notes in a batch.
        max_tokens: tokens in a batch, unless one note alone has more.
        seed: decides the order; give another one each epoch.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    if seed is None:
        return list(_cut(np.argsort(-sizes, kind="stable").tolist(), sizes, max_notes, max_tokens))
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(sizes))
    n = max_notes * _N_BATCHES_IN_BUCKET
    ordered = [
        int(i)
        for start in range(0, len(shuffled), n)
        for i in sorted(shuffled[start : start + n], key=lambda i: -sizes[i])
    ]
    batches = list(_cut(ordered, sizes, max_notes, max_tokens))
    return [batches[i] for i in rng.permutation(len(batches))]


def _cut(
    ordered: Sequence[int],
    sizes: np.ndarray[tuple[int], np.dtype[np.int64]],
    max_notes: int,
    max_tokens: int | None,
) -> Iterator[list[int]]:
    batch: list[int] = []
    n_tokens = 0
    for i in ordered:
        n = int(sizes[i])
        full = max_tokens is not None and n_tokens + n > max_tokens
        if batch and (full or len(batch) == max_notes):
            yield batch
            batch, n_tokens = [], 0
        batch.append(i)
        n_tokens += n
    if batch:
        yield batch
