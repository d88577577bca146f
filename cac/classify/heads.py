"""Heads: how the token states of a note become a score for each label.

States come packed, one note after the other, without padding.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from cac.classify.attention import attend, attention_weights, by_note
from cac.classify.config import HeadConfig
from cac.classify.label_vectors import Labels, LabelVectors

_N_SCORES = 2**24


class Head(nn.Module):
    """What all heads share: labels, dropout, and one note after the other."""

    labels: Labels

    def __init__(self, config: HeadConfig, *, recompute: bool) -> None:
        super().__init__()
        self.dropout = nn.Dropout(config.dropout)
        self._recompute = recompute

    def forward(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        """Return the logits of all labels.

        Shape: (n_tokens, width) of all notes together -> (n_notes, n_labels)
        """
        vectors = self.labels()
        keys, values = self.project(self.dropout(states))
        pairs = zip(by_note(keys, lengths), by_note(values, lengths), strict=True)
        return torch.stack([self._scored(vectors, k, v) for k, v in pairs]).float()

    def weights(self, states: Tensor, labels: Tensor) -> Tensor:
        """Return where the labels look in one note, after the softmax.

        Shape: (n_tokens, width), (n_chosen,) -> (n_chosen, n_tokens)
        """
        keys, _ = self.project(states)
        return self.weigh(self.labels().chosen(labels), keys)

    def logits_of(self, states: Tensor, labels: Tensor) -> Tensor:
        """Return the logits of some labels for one note; shape (n_chosen,)."""
        keys, values = self.project(states)
        return self.score(self.labels().chosen(labels), keys, values).float()

    @abstractmethod
    def project(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of tokens; shape (n_tokens, width), (n_tokens, value_width)."""

    @abstractmethod
    def score(self, vectors: LabelVectors, keys: Tensor, values: Tensor) -> Tensor:
        """Return the logits of one note; shape (n_labels,)."""

    @abstractmethod
    def weigh(self, vectors: LabelVectors, keys: Tensor) -> Tensor:
        """Return the weights of one note's tokens; shape (n_labels, n_tokens)."""

    def _scored(self, vectors: LabelVectors, keys: Tensor, values: Tensor) -> Tensor:
        if self._recompute and self.training and torch.is_grad_enabled():
            logits: Tensor = checkpoint(self.score, vectors, keys, values, use_reentrant=False)
            return logits
        return self.score(vectors, keys, values)


class CrossAttentionHead(Head):
    """Label cross-attention with LayerNorm (PLM-CA, Edin et al. 2024), its queries of low rank."""

    def __init__(
        self, n_labels: int, config: HeadConfig, encoder_width: int, *, recompute: bool
    ) -> None:
        super().__init__(config, recompute=recompute)
        width = config.attention_width or encoder_width
        self.to_key = nn.Linear(encoder_width, width, bias=False)
        self.to_value = nn.Linear(encoder_width, width)
        self.norm = nn.LayerNorm(width)
        self.labels = Labels(n_labels, config, encoder_width, (width, width))
        self._scale = width**-0.5

    def project(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of tokens."""
        return self.to_key(states), self.to_value(states)

    def score(self, vectors: LabelVectors, keys: Tensor, values: Tensor) -> Tensor:
        """Normalise what each label reads, and compare it with the label."""
        read: Tensor = self.norm(attend(vectors.queries, keys, values, self._scale))
        return (read * vectors.outputs).sum(dim=-1) + vectors.bias

    def weigh(self, vectors: LabelVectors, keys: Tensor) -> Tensor:
        """Return the attention."""
        return attention_weights(vectors.queries, keys, self._scale)


class LabelAttentionHead(Head):
    """Per-label attention over a tanh projection; PLM-ICD in full width, else LAAT."""

    def __init__(
        self, n_labels: int, config: HeadConfig, encoder_width: int, *, recompute: bool
    ) -> None:
        super().__init__(config, recompute=recompute)
        narrow = config.kind == "laat" and config.attention_width
        width = config.attention_width if narrow else encoder_width
        self.to_key = nn.Linear(encoder_width, width, bias=False)
        self.labels = Labels(n_labels, config, encoder_width, (width, encoder_width))

    def project(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys, and the states themselves as values."""
        return torch.tanh(self.to_key(states)), states

    def score(self, vectors: LabelVectors, keys: Tensor, values: Tensor) -> Tensor:
        """Compare what each label reads with the label."""
        read = attend(vectors.queries, keys, values, 1.0)
        return (read * vectors.outputs).sum(dim=-1) + vectors.bias

    def weigh(self, vectors: LabelVectors, keys: Tensor) -> Tensor:
        """Return the attention."""
        return attention_weights(vectors.queries, keys, 1.0)


class MaxPoolHead(Head):
    """The highest score of any token; for evidence the softmax of the scores."""

    def __init__(
        self, n_labels: int, config: HeadConfig, encoder_width: int, *, recompute: bool
    ) -> None:
        super().__init__(config, recompute=recompute)
        width = config.attention_width or encoder_width
        self.to_key = nn.Linear(encoder_width, width)
        self.labels = Labels(n_labels, config, encoder_width, (width, width))

    def project(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return one projection for both."""
        keys = self.to_key(states)
        return keys, keys

    def score(self, vectors: LabelVectors, keys: Tensor, values: Tensor) -> Tensor:
        """Return the highest score of any token, some labels at a time."""
        if not len(keys):
            return vectors.bias + 0.0
        chunks = vectors.queries.split(max(_N_SCORES // len(keys), 1))
        best = torch.cat([(chunk @ values.T).amax(dim=1) for chunk in chunks])
        return best + vectors.bias

    def weigh(self, vectors: LabelVectors, keys: Tensor) -> Tensor:
        """Return the softmax of the token scores."""
        return attention_weights(vectors.queries, keys, 1.0)


def make_head(
    n_labels: int, config: HeadConfig, encoder_width: int, *, recompute: bool = False
) -> Head:
    """Build the head that a config names; ``recompute`` trades time for memory in training."""
    kinds: dict[str, type[CrossAttentionHead] | type[LabelAttentionHead] | type[MaxPoolHead]] = {
        "label_cross_attention": CrossAttentionHead,
        "label_attention": LabelAttentionHead,
        "laat": LabelAttentionHead,
        "max_pool": MaxPoolHead,
    }
    return kinds[config.kind](n_labels, config, encoder_width, recompute=recompute)
