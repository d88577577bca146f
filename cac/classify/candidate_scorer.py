"""Candidates scored in their context: the words said, the words around them, and the code."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from cac.classify.batch import Batch
from cac.classify.config import CandidateConfig
from cac.classify.encoder import WindowEncoder
from cac.classify.mentions import PackedMentions

_MOST = 6.0  # Standard deviations: one count that is far out must not drown the rest.
_LEAST_LOG = -1e-6


class CandidateScorer(nn.Module):
    """Tells how likely each candidate mention is evidence of its code.

    A mention is its first, its last and its mean token state; a code is the encoding of its
    description, so that one never seen in training is scored like the others; the product of both
    says how they agree. ``features`` are standardised by what `set_scale` was shown.
    """

    scale: Tensor
    centre: Tensor

    def __init__(self, encoder: WindowEncoder, config: CandidateConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = config
        width, inner = encoder.width, config.width
        self.mention = nn.Linear(3 * width, inner)
        self.code = nn.Linear(width, inner)
        self.features = nn.Linear(config.n_features, inner)
        self.joined = nn.Sequential(
            nn.LayerNorm(4 * inner),
            nn.Dropout(config.dropout),
            nn.Linear(4 * inner, inner),
            nn.GELU(),
            nn.Linear(inner, 1),
        )
        self.register_buffer("centre", torch.zeros(config.n_features))
        self.register_buffer("scale", torch.ones(config.n_features))

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return self.centre.device

    def set_scale(self, features: Tensor) -> None:
        """Standardise features as these are; shape (n_candidates, n_features)."""
        self.centre.copy_(features.mean(dim=0))
        self.scale.copy_(features.std(dim=0).clamp_min(1e-6))

    def forward(self, batch: Batch, mentions: PackedMentions, codes: Tensor) -> Tensor:
        """Return the logit of each candidate in float32; shape (n,).

        Args:
            batch: the notes.
            mentions: their candidates.
            codes: encoded descriptions; shape (n_codes, encoder width).
        """
        with self.encoder.computing():
            said = self.mention(self._spans(self.encoder.states(batch), mentions.tokens))
            meant = self.code(codes)[mentions.codes]
            known = ((mentions.features - self.centre) / self.scale).clamp(-_MOST, _MOST)
            parts = (said, meant, said * meant, functional.gelu(self.features(known)))
            logits: Tensor = self.joined(torch.cat(parts, dim=-1)).squeeze(-1)
        return logits.float()

    def _spans(self, states: Tensor, tokens: Tensor) -> Tensor:
        """Return first, last and mean state of each range of tokens; shape (n, 3 * width)."""
        if not len(states):
            return states.new_zeros(len(tokens), 3 * self.encoder.width)
        first, last = tokens[:, 0], tokens[:, 1]
        sums = functional.pad(states.float().cumsum(dim=0), (0, 0, 1, 0))
        mean = (sums[last] - sums[first]) / (last - first)[:, None]
        return torch.cat([states[first], states[last - 1], mean.to(states.dtype)], dim=-1)


def noisy_or(logits: Tensor, pool: Tensor, n_pools: int) -> Tensor:
    """Return the logarithm of the chance that none of a pool's candidates holds; shape (n_pools,).

    With independent candidates, 1 - exp of it is the probability of the pool's code (Pearl 1988).

    Shape: logits (n,), pool (n,) with numbers below ``n_pools``
    """
    none = functional.logsigmoid(-logits)
    return torch.zeros(n_pools, device=logits.device).index_add(0, pool, none)


def pooled_loss(log_none: Tensor, gold: Tensor) -> Tensor:
    """Return the cross-entropy of pooled codes (multiple instance learning), summed over pools.

    Shape: log_none (n_pools,), as of `noisy_or`; gold (n_pools,) of 0 and 1
    """
    log_some = torch.log(-torch.expm1(log_none.clamp_max(_LEAST_LOG)))
    return -(gold * log_some + (1 - gold) * log_none).sum()
