"""Which tokens a score rests on: attention, input gradients, and their product.

Edin et al. (2024) found the product, AttInGrad, to agree best with annotated evidence; here it is
carried through short stretches alone (`cac.classify.local_gradient`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import torch
from torch import Tensor

from cac.classify.batch import Batch, Pass
from cac.classify.local_gradient import local_attingrad
from cac.classify.model import DocumentClassifier
from cac.errors import SettingsError

Method = Literal["attention", "input_gradient", "attingrad"]
_N_LABELS = 16


def attribute(
    model: DocumentClassifier,
    batch: Batch,
    labels: Sequence[int],
    method: str = "attingrad",
    states: Tensor | None = None,
) -> Tensor:
    """Return the weight of each token of one note for each label; none is negative.

    Shape: (n_chosen, n_tokens)

    Args:
        model: in evaluation mode.
        batch: one note.
        labels: the columns asked about.
        method: see above.
        states: of the note's tokens, where they are known; shape (n_tokens, width).

    Raises:
        SettingsError: the method is unknown, or the batch holds more than one note.
    """
    if method not in get_args(Method):
        known = ", ".join(get_args(Method))
        raise SettingsError(f"Evidence method {method!r} is unknown. Known: {known}.")
    if len(batch) != 1:
        raise SettingsError(
            f"{len(batch)} notes in the batch. Evidence is asked for one at a time."
        )
    if not labels or not batch.lengths[0]:
        return torch.zeros(len(labels), batch.lengths[0])
    if method == "input_gradient":
        return input_gradient(model, batch, labels)
    with torch.no_grad(), model.computing():
        read = model.states(batch) if states is None else states
        if method == "attention":
            return model.head.weights(read, torch.tensor(labels, device=read.device)).float()
    return local_attingrad(model, batch, read, labels)


def input_gradient(model: DocumentClassifier, batch: Batch, labels: Sequence[int]) -> Tensor:
    """Return the length of (embedding times its gradient) for each token and label.

    The gradient passes the head, then every window, once for each label. A token that stands in
    two windows has one embedding, so its gradient is the sum over both.

    Shape: (n_chosen, n_tokens)
    """
    with torch.no_grad(), model.computing():
        states = model.states(batch)
    embedded = _token_embeddings(model, batch)
    found = []
    for start in range(0, len(labels), _N_LABELS):
        chosen = labels[start : start + _N_LABELS]
        from_head = _head_gradients(model, states, chosen)  # (n_chosen, n_tokens, width)
        gradient = _through_windows(model, batch, from_head)
        found.append((gradient * embedded).norm(dim=2))
    return torch.cat(found)


def _head_gradients(model: DocumentClassifier, states: Tensor, labels: Sequence[int]) -> Tensor:
    """Return the gradient of each label's logit by token state."""
    leaf = states.detach().requires_grad_()
    with torch.enable_grad(), model.computing():
        logits = model.head.logits_of(leaf, torch.tensor(labels, device=leaf.device))
        found = [
            torch.autograd.grad(logit, leaf, retain_graph=i + 1 < len(labels))[0].float()
            for i, logit in enumerate(logits)
        ]
    return torch.stack(found)


def _through_windows(model: DocumentClassifier, batch: Batch, from_head: Tensor) -> Tensor:
    """Carry gradients by state on to gradients by embedding; shapes as of ``from_head``."""
    gradient = torch.zeros_like(from_head)
    labels = torch.arange(len(from_head), device=from_head.device)
    n_before = 0
    for group in batch.passes:
        n_rows, length = group.input_ids.shape
        own = torch.full((n_rows * length,), -1, device=from_head.device)
        inside = (batch.gather >= n_before) & (batch.gather < n_before + len(own))
        own[batch.gather[inside] - n_before] = torch.nonzero(inside)[:, 0]
        pairs = torch.cartesian_prod(labels, torch.arange(n_rows, device=labels.device))
        for part in pairs.split(model.encoder.config.windows_per_pass):
            _add_gradients(model, group, own.view(n_rows, length), part, from_head, gradient)
        n_before += len(own)
    return gradient


def _add_gradients(
    model: DocumentClassifier,
    group: Pass,
    own: Tensor,
    pairs: Tensor,
    from_head: Tensor,
    gradient: Tensor,
) -> None:
    """Add what some pairs of label and window give; ``own`` is the token that a place speaks for.

    Shape: own (n_rows, length), pairs (n_pairs, 2)
    """
    labels, rows = pairs.T
    ids, mask = group.input_ids[rows], None if group.mask is None else group.mask[rows]
    embedded = model.encoder.embed(ids).detach().requires_grad_()
    with torch.enable_grad(), model.computing():
        states = model.encoder(ids, mask, embedded)
        spoken = own[rows]  # (n_pairs, length)
        arriving = from_head[labels[:, None], spoken.clamp_min(0)] * (spoken >= 0)[..., None]
        (leaving,) = torch.autograd.grad(states, embedded, arriving.to(states.dtype))
    source = group.source[rows]
    real = source >= 0
    places = (labels[:, None].expand_as(source)[real], source[real])
    gradient.index_put_(places, leaving[real].float(), accumulate=True)


def _token_embeddings(model: DocumentClassifier, batch: Batch) -> Tensor:
    """Return the embedding of each packed token, from any window that holds it."""
    embedded = torch.zeros(len(batch.gather), model.encoder.width, device=model.device)
    with torch.no_grad():
        for group in batch.passes:
            real = group.source >= 0
            embedded[group.source[real]] = model.encoder.embed(group.input_ids[real]).float()
    return embedded
