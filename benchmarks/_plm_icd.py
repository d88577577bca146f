"""PLM-ICD as its authors published it (Huang et al. 2022): what speed is measured against.

Chunks of 128 tokens; a batch is padded to its longest note in whole chunks, every chunk with its
mask; label attention over all positions in float32, its weights kept in memory.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cac.classify.encoder import WindowEncoder
from cac.classify.tokens import EncodedNote, NoteTokenizer

CHUNK = 128


class PlmIcd(nn.Module):
    """The published model over an encoder that is handed to it."""

    def __init__(self, encoder: WindowEncoder, n_labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.first_linear = nn.Linear(encoder.width, encoder.width, bias=False)
        self.second_linear = nn.Linear(encoder.width, n_labels, bias=False)
        self.third_linear = nn.Linear(encoder.width, n_labels)

    def forward(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """Return logits; shapes (n_notes, n_chunks, chunk) -> (n_notes, n_labels)."""
        n_notes, n_chunks, length = input_ids.shape
        states: Tensor = self.encoder(input_ids.view(-1, length), mask.view(-1, length))
        states = states.view(n_notes, n_chunks * length, -1)
        weights = torch.tanh(self.first_linear(states))
        attention = torch.softmax(self.second_linear(weights), dim=1).transpose(1, 2)
        read = attention @ states  # (n_notes, n_labels, width)
        logits: Tensor = self.third_linear.weight.mul(read).sum(dim=2).add(self.third_linear.bias)
        return logits


def chunked(
    notes: Sequence[EncodedNote], tokenizer: NoteTokenizer, pad: int
) -> tuple[Tensor, Tensor]:
    """Return ids and mask of a batch; shapes (n_notes, n_chunks, chunk)."""
    ids = [[*tokenizer.prefix, *note.input_ids.tolist(), *tokenizer.suffix] for note in notes]
    n_chunks = max(-(-len(row) // CHUNK) for row in ids)
    padded = torch.full((len(ids), n_chunks * CHUNK), pad)
    for i, row in enumerate(ids):
        padded[i, : len(row)] = torch.tensor(row)
    mask = torch.arange(n_chunks * CHUNK) < torch.tensor([len(row) for row in ids])[:, None]
    return padded.view(len(ids), n_chunks, CHUNK), mask.view(len(ids), n_chunks, CHUNK)
