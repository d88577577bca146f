"""The document classifier: an encoder over windows, and a head over labels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from cac.classify.attention import by_note
from cac.classify.batch import Batch
from cac.classify.config import HeadConfig
from cac.classify.encoder import WindowEncoder
from cac.classify.heads import make_head


class DocumentClassifier(nn.Module):
    """Scores every label for every note.

    >>> logits = model(builder.build(notes))  # doctest: +SKIP
    """

    def __init__(self, encoder: WindowEncoder, n_labels: int, config: HeadConfig) -> None:
        super().__init__()
        self.encoder = encoder
        recompute = encoder.config.gradient_checkpointing
        self.head = make_head(n_labels, config, encoder.width, recompute=recompute)
        self.head_config = config

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return self.head.labels.bias.device

    @property
    def n_labels(self) -> int:
        """How many labels are scored."""
        return len(self.head.labels)

    def forward(self, batch: Batch) -> Tensor:
        """Return the logits in float32; shape (n_notes, n_labels)."""
        with self.computing():
            logits: Tensor = self.head(self.states(batch), batch.lengths)
        return logits

    def states(self, batch: Batch) -> Tensor:
        """Return the states of all tokens; shape (n_tokens, width)."""
        return self.encoder.states(batch)

    def computing(self) -> AbstractContextManager[None]:
        """Compute in the encoder's dtype, unless the caller already chose one."""
        return self.encoder.computing()

    def with_attention(
        self, batch: Batch, labels: Sequence[Sequence[int]]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return logits, and where labels look, from one pass; for training on evidence.

        Shape: (n_notes, n_labels), and for each note (n_chosen, n_tokens) after the softmax

        Args:
            batch: the notes.
            labels: the columns asked about, by note.
        """
        with self.computing():
            states = self.states(batch)
            logits: Tensor = self.head(states, batch.lengths)
            return logits, self._looked(states, batch, labels)

    def attention(self, batch: Batch, labels: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return where labels look, after the softmax; for each note (n_chosen, n_tokens)."""
        with self.computing():
            return self._looked(self.states(batch), batch, labels)

    def _looked(
        self, states: Tensor, batch: Batch, labels: Sequence[Sequence[int]]
    ) -> list[Tensor]:
        chosen = [torch.tensor(c, dtype=torch.long, device=self.device) for c in labels]
        notes = by_note(states, batch.lengths)
        return [self.head.weights(s, c) for s, c in zip(notes, chosen, strict=True)]
