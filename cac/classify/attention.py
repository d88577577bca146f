"""Attention of labels over the tokens of each note, which never sees another note or padding."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def attend(queries: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
    """Return what each label reads from one note, without keeping the weights in memory.

    Shape: (n_labels, width), (n_tokens, width), (n_tokens, value_width) -> (n_labels, value_width)

    A note without tokens is read as zeros.
    """
    if not len(keys):
        return queries.new_zeros(len(queries), values.shape[1])
    missing = values.shape[1] - keys.shape[1]
    # The fused kernels ask for one width; zeros change no product.
    queries, keys = (
        functional.pad(queries, (0, max(missing, 0))),
        functional.pad(keys, (0, max(missing, 0))),
    )
    padded = functional.pad(values, (0, max(-missing, 0)))
    read = functional.scaled_dot_product_attention(
        queries[None, None], keys[None, None], padded[None, None], scale=scale
    )
    return read[0, 0, :, : values.shape[1]]


def attention_weights(queries: Tensor, keys: Tensor, scale: float) -> Tensor:
    """Return the weights themselves, for the few labels that are asked about.

    Shape: (n_labels, width), (n_tokens, width) -> (n_labels, n_tokens); each row sums to 1.
    """
    return torch.softmax((queries @ keys.T).float() * scale, dim=-1)


def by_note(packed: Tensor, lengths: Sequence[int]) -> tuple[Tensor, ...]:
    """Divide packed tokens into those of each note."""
    return torch.split(packed, list(lengths))
