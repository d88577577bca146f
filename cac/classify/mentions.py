"""Candidate mentions of a note as the scorer takes them: tokens, a code, and what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cac.classify.tokens import EncodedNote
from cac.note import Span

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mentions:
    """The candidates of one note.

    ``tokens`` are half-open ranges of the note's tokens, shape (n, 2); ``codes`` numbers in a list
    of codes that the caller keeps, shape (n,); ``features`` what other parts know of each
    candidate, shape (n, n_features).
    """

    tokens: Ints
    codes: Ints
    features: Floats

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class PackedMentions:
    """The candidates of a batch of notes.

    ``tokens`` count from the batch's first token; ``pool`` numbers the pairs of note and code that
    the candidates speak for, shape (n,), of which there are ``n_pools``.
    """

    tokens: Tensor
    codes: Tensor
    features: Tensor
    pool: Tensor
    n_pools: int

    def to(self, device: torch.device | str) -> PackedMentions:
        """Return the candidates on a device."""
        tokens, codes, features, pool = (
            part.to(device) for part in (self.tokens, self.codes, self.features, self.pool)
        )
        return PackedMentions(tokens, codes, features, pool, self.n_pools)


def token_ranges(encoded: EncodedNote, spans: Sequence[Span]) -> Ints:
    """Return the tokens that share a character with each span, half-open; shape (n_spans, 2).

    A span without a token of its own (blanks alone) takes the token after it, or the last one.
    """
    wanted = np.array([(s.start, s.end) for s in spans], dtype=np.int64).reshape(-1, 2)
    if not len(encoded):
        return np.zeros_like(wanted)
    first = np.searchsorted(encoded.offsets[:, 1], wanted[:, 0], side="right")
    first = np.minimum(first, len(encoded) - 1)
    last = np.searchsorted(encoded.offsets[:, 0], wanted[:, 1], side="left")
    return np.column_stack([first, np.maximum(last, first + 1)])


def pack(notes: Sequence[Mentions], lengths: Sequence[int]) -> PackedMentions:
    """Join the candidates of notes whose tokens stand one after the other.

    Args:
        notes: candidates by note, all with the same features.
        lengths: tokens by note.
    """
    before = np.cumsum([0, *lengths])[:-1]
    moved = [note.tokens + start for note, start in zip(notes, before, strict=True)]
    owner = np.repeat(np.arange(len(notes)), [len(note) for note in notes])
    codes = np.concatenate([note.codes for note in notes])
    _, pool = np.unique(np.column_stack([owner, codes]), axis=0, return_inverse=True)
    return PackedMentions(
        torch.from_numpy(np.concatenate(moved)),
        torch.from_numpy(codes),
        torch.from_numpy(np.concatenate([note.features for note in notes])),
        torch.from_numpy(pool.reshape(-1)),
        int(pool.max()) + 1 if len(pool) else 0,
    )
