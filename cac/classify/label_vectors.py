"""What a head knows of each label: a query, an output vector and a bias."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from cac.classify.config import HeadConfig
from cac.errors import SettingsError

_NEW_LABEL_QUANTILE = 0.1
_SPREAD = 0.02


@dataclass(frozen=True, slots=True)
class LabelVectors:
    """The labels of one forward pass.

    ``queries`` has shape (n_labels, width), ``outputs`` (n_labels, value_width), ``bias``
    (n_labels,).
    """

    queries: Tensor
    outputs: Tensor
    bias: Tensor

    def chosen(self, labels: Tensor) -> LabelVectors:
        """Return those of some labels."""
        return LabelVectors(self.queries[labels], self.outputs[labels], self.bias[labels])


class Labels(nn.Module):
    """Learns vectors for labels, from their descriptions where there are encodings of them.

    ``encodings`` has shape (n_labels, encoder_width), and no rows where labels are not described.
    """

    encodings: Tensor

    def __init__(
        self, n_labels: int, config: HeadConfig, encoder_width: int, sizes: tuple[int, int]
    ) -> None:
        super().__init__()
        width, value_width = sizes
        self.described = config.label_init == "descriptions"
        self.bias = nn.Parameter(torch.zeros(n_labels))
        self.register_buffer("encodings", torch.zeros(n_labels * self.described, encoder_width))
        self.queries: nn.Parameter | None = None
        self.outputs: nn.Parameter | None = None
        if self.described:
            self.to_query = nn.Linear(encoder_width, width)
            self.to_output = nn.Linear(encoder_width, value_width)
        if config.label_residual or not self.described:
            spread = 0.0 if self.described else 1.0
            self.queries = nn.Parameter(spread * torch.randn(n_labels, width) * width**-0.5)
            self.outputs = nn.Parameter(spread * torch.randn(n_labels, value_width) * _SPREAD)

    def __len__(self) -> int:
        return len(self.bias)

    def forward(self) -> LabelVectors:
        """Return the vectors of all labels."""
        learnt = (self.queries, self.outputs)
        if self.described:
            unit = functional.normalize(self.encodings, dim=-1) * self.encodings.shape[1] ** 0.5
            read = (self.to_query(unit), self.to_output(unit))
            queries, outputs = (
                r if v is None else r + v for r, v in zip(read, learnt, strict=True)
            )
        else:
            queries, outputs = (v for v in learnt if v is not None)
        return LabelVectors(queries, outputs, self.bias)

    @torch.no_grad()
    def set_prior(self, counts: Tensor, n_notes: int) -> None:
        """Start each label at its share of training notes; ``counts`` of shape (n_labels,)."""
        share = (counts.float() + 0.5) / (n_notes + 1)
        self.bias.copy_(torch.log(share / (1 - share)))

    @torch.no_grad()
    def set_encodings(self, encodings: Tensor) -> None:
        """Take new encodings of the same labels; shape (n_labels, encoder_width)."""
        self._require_described()
        self.encodings.copy_(encodings)

    @torch.no_grad()
    def extend(self, encodings: Tensor) -> None:
        """Add labels that were never trained; shape (n_new, encoder_width).

        Their bias is that of the rare labels.

        Raises:
            SettingsError: labels are not described, so that nothing is known of new ones.
        """
        self._require_described()
        n_new = len(encodings)
        rare = torch.quantile(self.bias.float(), _NEW_LABEL_QUANTILE)
        self.encodings = torch.cat([self.encodings, encodings.to(self.encodings)])
        self.bias = nn.Parameter(torch.cat([self.bias, rare.to(self.bias).expand(n_new)]))
        if self.queries is not None and self.outputs is not None:
            self.queries = nn.Parameter(functional.pad(self.queries, (0, 0, 0, n_new)))
            self.outputs = nn.Parameter(functional.pad(self.outputs, (0, 0, 0, n_new)))

    @torch.no_grad()
    def reorder(self, order: Tensor) -> None:
        """Put the labels into another order: first the one at ``order[0]``; shape (n_labels,)."""
        self.bias = nn.Parameter(self.bias[order])
        if self.described:
            self.encodings = self.encodings[order]
        if self.queries is not None and self.outputs is not None:
            self.queries = nn.Parameter(self.queries[order])
            self.outputs = nn.Parameter(self.outputs[order])

    def _require_described(self) -> None:
        if not self.described:
            raise SettingsError(
                "The labels were learnt without descriptions, so none can be added or encoded. "
                "Train with label_init: descriptions."
            )
