"""AttInGrad where a label looks: short stretches of a note, read again by themselves.

A gradient through whole windows costs as much as reading each window twice, for every label. What
a label rests on stands where it looks, so the gradient is carried through those stretches alone,
those of all labels together; past them no token weighs anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from cac.classify.batch import Batch
from cac.classify.model import DocumentClassifier

N_TOKENS, MAX_STRETCHES, SHARE = 30, 2, 0.9


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Neighbouring tokens of a note, by the first one, on which a label rests.

    ``to_keys`` and ``to_values`` are the gradient of the label's logit by what the head makes of
    each token; shape (n_tokens, width), (n_tokens, value_width).
    """

    row: int
    start: int
    to_keys: Tensor
    to_values: Tensor


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The packed tokens of a note, and the special ones around a window; shape (n_tokens,)."""

    ids: Tensor
    prefix: Tensor
    suffix: Tensor

    @classmethod
    def of(cls, batch: Batch) -> _Tokens:
        ids = torch.zeros_like(batch.gather)
        for group in batch.passes:
            real = group.source >= 0
            ids[group.source[real]] = group.input_ids[real]
        # All windows of a note are full: around their tokens stand special ones alone.
        first, places = batch.passes[0].input_ids[0], batch.passes[0].source[0]
        real = torch.nonzero(places >= 0)[:, 0]
        return cls(ids, first[: int(real[0])], first[int(real[-1]) + 1 :])


def local_attingrad(
    model: DocumentClassifier, batch: Batch, states: Tensor, labels: Sequence[int]
) -> Tensor:
    """Return attention times (embedding times its gradient); shape (n_chosen, n_tokens).

    Where one window holds the note and one stretch its tokens, this is AttInGrad itself.

    Args:
        model: in evaluation mode.
        batch: one note, which has tokens.
        states: of its tokens, from the windows that own them; shape (n_tokens, width).
        labels: the columns asked about.
    """
    tokens = _Tokens.of(batch)
    n_special = len(tokens.prefix) + len(tokens.suffix)
    length = min(N_TOKENS, len(tokens.ids), model.encoder.config.max_length - n_special)
    with torch.no_grad(), model.computing():
        looked = model.head.weights(states, torch.tensor(labels, device=states.device)).float()
    found = torch.zeros_like(looked)
    stretches = list(_stretches(model, states, labels, looked, length))
    config = model.encoder.config
    n_at_once = max(config.windows_per_pass * config.max_length // (length + n_special), 1)
    for first in range(0, len(stretches), n_at_once):
        part = stretches[first : first + n_at_once]
        for stretch, lengths in zip(part, _gradients(model, tokens, part), strict=True):
            found[stretch.row, stretch.start : stretch.start + length] = lengths
    return found * looked


def _head_gradients(
    model: DocumentClassifier, keys: Tensor, values: Tensor, labels: Sequence[int]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield for each label the gradient of its logit by keys and values; shapes as theirs."""
    leaves = keys.detach().requires_grad_(), values.detach().requires_grad_()
    for label in labels:
        with torch.enable_grad(), model.computing():
            vectors = model.head.labels().chosen(torch.tensor([label], device=keys.device))
            logit = model.head.score(vectors, *leaves).float()
            by_key, by_value = torch.autograd.grad(
                logit.sum(), leaves, allow_unused=True, materialize_grads=True
            )
            yield by_key, by_value


def _stretches(
    model: DocumentClassifier,
    states: Tensor,
    labels: Sequence[int],
    looked: Tensor,
    length: int,
) -> Iterator[_Stretch]:
    with torch.no_grad(), model.computing():
        keys, values = model.head.project(states)
    for row, (to_keys, to_values) in enumerate(_head_gradients(model, keys, values, labels)):
        for start in _starts(looked[row] * to_values.float().norm(dim=1), length):
            part = slice(start, start + length)
            yield _Stretch(row, start, to_keys[part], to_values[part])


def _starts(weights: Tensor, length: int) -> Iterator[int]:
    """Yield where the stretches start that hold most of a label's weight; shape (n_tokens,)."""
    places = torch.arange(length, device=weights.device, dtype=weights.dtype)
    # The middle counts most, so that what is looked at has words on either side.
    centred = 1.0 - (places - (length - 1) / 2).abs() / length
    left, total, held = weights.clone(), float(weights.sum()), 0.0
    for number in range(MAX_STRETCHES):
        best, start = (left.unfold(0, length, 1) @ centred).max(dim=0)
        if (number and held >= SHARE * total) or not best.isfinite():
            return
        yield int(start)
        held += float(left[start : start + length].sum())
        # What was taken is taken once: no stretch may reach into it again.
        left[start : start + length] = -torch.inf


def _gradients(model: DocumentClassifier, tokens: _Tokens, stretches: Sequence[_Stretch]) -> Tensor:
    """Read stretches again; return the length of (embedding times its gradient) by token.

    Shape: (n_stretches, n_tokens)
    """
    length, n_before = len(stretches[0].to_keys), len(tokens.prefix)
    ids = torch.stack(
        [
            torch.cat([tokens.prefix, tokens.ids[s.start : s.start + length], tokens.suffix])
            for s in stretches
        ]
    )
    embedded = model.encoder.embed(ids).detach().requires_grad_()
    real = slice(n_before, n_before + length)
    arriving = [
        torch.stack([s.to_keys for s in stretches]),
        torch.stack([s.to_values for s in stretches]),
    ]
    # Of so few tokens plain attention is the quickest, and in bfloat16 its gradient by far.
    with torch.enable_grad(), model.computing(), sdpa_kernel(SDPBackend.MATH):
        made = model.head.project(model.encoder(ids, None, embedded)[:, real])
        (leaving,) = torch.autograd.grad(
            made, embedded, [a.to(m.dtype) for a, m in zip(arriving, made, strict=True)]
        )
    lengths: Tensor = (leaving.float() * embedded.detach().float()).norm(dim=2)
    return lengths[:, real]
