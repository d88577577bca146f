"""The document classifier: an encoder over windows, and a head over labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
        with self._computing():
            logits: Tensor = self.head(self.states(batch), batch.lengths)
        return logits

    def states(self, batch: Batch, embedded: Sequence[Tensor] | None = None) -> Tensor:
        """Return the state of each token from the window that owns it.

        Shape: -> (n_tokens, width), the notes one after the other

        Args:
            batch: the notes.
            embedded: word embeddings by pass in place of those of the ids, for attribution.
        """
        given = embedded if embedded is not None else [None] * len(batch.passes)
        flat = [
            self.encoder(p.input_ids, p.mask, words).flatten(0, 1)
            for p, words in zip(batch.passes, given, strict=True)
        ]
        if not flat:
            return torch.zeros(0, self.encoder.width, device=self.device)
        return torch.cat(flat)[batch.gather]

    def attention(self, batch: Batch, labels: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return where labels look, after the softmax; for each note (n_chosen, n_tokens).

        Args:
            batch: the notes.
            labels: the columns asked about, by note.
        """
        with self._computing():
            states = by_note(self.states(batch), batch.lengths)
            return [
                self.head.weights(
                    of_note, torch.tensor(chosen, dtype=torch.long, device=self.device)
                )
                for of_note, chosen in zip(states, labels, strict=True)
            ]

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """Compute in the encoder's dtype, unless the caller already chose one."""
        kind = self.device.type
        dtype = self.encoder.compute_dtype
        if dtype is torch.float32 or torch.is_autocast_enabled(kind):
            yield
            return
        with torch.autocast(kind, dtype=dtype):
            yield
