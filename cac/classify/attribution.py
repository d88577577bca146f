"""Which tokens a score rests on: attention, input gradients, and their product.

Edin et al. (2024) found the product, AttInGrad, to agree best with annotated evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import torch
from torch import Tensor

from cac.classify.batch import Batch
from cac.classify.model import DocumentClassifier
from cac.errors import SettingsError

Method = Literal["attention", "input_gradient", "attingrad"]


def attribute(
    model: DocumentClassifier, batch: Batch, labels: Sequence[int], method: Method = "attingrad"
) -> Tensor:
    """Return the weight of each token of one note for each label; none is negative.

    Shape: (n_chosen, n_tokens)

    Args:
        model: in evaluation mode.
        batch: one note.
        labels: the columns asked about.
        method: see above.

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
    with torch.no_grad():
        weights = model.attention(batch, [labels])[0].float()
    return weights if method == "attention" else weights * input_gradient(model, batch, labels)


def input_gradient(model: DocumentClassifier, batch: Batch, labels: Sequence[int]) -> Tensor:
    """Return the length of (embedding times its gradient) for each token and label.

    A token that stands in two windows has one embedding, so its gradient is the sum over both.

    Shape: (n_chosen, n_tokens)
    """
    embedded = _token_embeddings(model, batch).requires_grad_()  # (n_tokens, width)
    with torch.enable_grad():
        logits = model(batch, _windows(model, batch, embedded))[0]
        found = []
        for number, label in enumerate(labels):
            more = number + 1 < len(labels)
            (gradient,) = torch.autograd.grad(logits[label], embedded, retain_graph=more)
            found.append((gradient * embedded.detach()).norm(dim=1).float())
    return torch.stack(found)


def _token_embeddings(model: DocumentClassifier, batch: Batch) -> Tensor:
    """Return the embedding of each packed token, from any window that holds it."""
    embedded = torch.zeros(len(batch.gather), model.encoder.width, device=model.device)
    with torch.no_grad():
        for group in batch.passes:
            real = group.source >= 0
            embedded[group.source[real]] = model.encoder.embed(group.input_ids[real]).float()
    return embedded


def _windows(model: DocumentClassifier, batch: Batch, embedded: Tensor) -> list[Tensor]:
    """Lay the tokens' embeddings into the windows, with those of special tokens around them."""
    laid = []
    for group in batch.passes:
        own = embedded[group.source.clamp_min(0)]
        special = model.encoder.embed(group.input_ids).detach()
        laid.append(torch.where((group.source >= 0)[..., None], own, special))
    return laid
