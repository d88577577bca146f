"""Losses of multi-label training; all take logits, so that nothing overflows."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cac.classify.config import LossConfig

_LEAST = 1e-8


def label_loss(logits: Tensor, targets: Tensor, config: LossConfig) -> Tensor:
    """Return the mean loss over notes and labels, by the config's kind; a scalar.

    Shape: both (n_notes, n_labels)
    """
    if config.kind == "asymmetric":
        return _asymmetric(logits, targets, config)
    if config.kind == "focal":
        return _focal(logits, targets, config)
    return functional.binary_cross_entropy_with_logits(logits, targets)


def r_drop(first: Tensor, second: Tensor) -> Tensor:
    """Return how far two passes with different dropout lie apart: the mean symmetric divergence.

    Of two Bernoulli variables KL(p, q) + KL(q, p) is (p - q)(logit p - logit q); Liang et al.
    (2021) take half of it.

    Shape: both (n_notes, n_labels)
    """
    apart = (torch.sigmoid(first) - torch.sigmoid(second)) * (first - second)
    return apart.mean() / 2


def evidence_loss(weights: Sequence[Tensor], gold: Sequence[Tensor]) -> Tensor:
    """Return the mean of minus the log of the attention that lies on annotated evidence.

    Labels without gold tokens are left out; without any the loss is 0.

    Shape: for each note (n_chosen, n_tokens), gold 0 or 1
    """
    on_gold = torch.cat([(w * g).sum(dim=1) for w, g in zip(weights, gold, strict=True)])
    annotated = torch.cat([g.any(dim=1) for g in gold])
    if not annotated.any():
        return on_gold.sum() * 0.0
    return -on_gold[annotated].clamp_min(_LEAST).log().mean()


def _asymmetric(logits: Tensor, targets: Tensor, config: LossConfig) -> Tensor:
    """Ridnik et al. (2021): easy negatives count less, the easiest not at all."""
    positive = torch.sigmoid(logits)
    negative = (1 - positive + config.clip).clamp(max=1.0)
    log_likelihood = targets * functional.logsigmoid(logits)
    log_likelihood = log_likelihood + (1 - targets) * negative.clamp_min(_LEAST).log()
    with torch.no_grad():  # As the authors do: the focus is a weight, not a path of the gradient.
        missed = torch.where(targets > 0, 1 - positive, 1 - negative)
        focus = missed ** (config.gamma_positive * targets + config.gamma_negative * (1 - targets))
    return -(log_likelihood * focus).mean()


def _focal(logits: Tensor, targets: Tensor, config: LossConfig) -> Tensor:
    """Lin et al. (2017), with ``gamma_positive`` as their gamma."""
    loss = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    missed = torch.where(targets > 0, torch.sigmoid(-logits), torch.sigmoid(logits))
    balance = torch.where(targets > 0, config.alpha, 1 - config.alpha)
    return (balance * missed**config.gamma_positive * loss).mean()
