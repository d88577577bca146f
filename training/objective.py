"""The loss of a batch of notes: labels, consistency under dropout, and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cac.classify.batch import Batch, BatchBuilder
from cac.classify.config import LossConfig
from cac.classify.losses import evidence_loss, label_loss, r_drop
from cac.classify.model import DocumentClassifier
from cac.classify.tokens import EncodedNote
from cac.codes.label_space import LabelSpace
from cac.coding import CodedNote


@dataclass(frozen=True, slots=True)
class Targets:
    """What a note should give: the columns of its codes, and the tokens that are their evidence.

    ``annotated`` are the columns with evidence, ``evidence`` their tokens, 0 or 1; shape
    (n_annotated, n_tokens).
    """

    columns: tuple[int, ...]
    annotated: tuple[int, ...]
    evidence: Tensor


class Objective:
    """Makes batches of notes and their loss."""

    def __init__(
        self,
        builder: BatchBuilder,
        encoded: Sequence[EncodedNote],
        targets: Sequence[Targets],
        n_labels: int,
        config: LossConfig,
    ) -> None:
        self._builder = builder
        self._encoded = encoded
        self._targets = targets
        self._n_labels = n_labels
        self._config = config

    @property
    def lengths(self) -> list[int]:
        """Tokens by note."""
        return [len(note) for note in self._encoded]

    def loss(self, model: nn.Module, positions: Sequence[int], bare: DocumentClassifier) -> Tensor:
        """Return the loss of some notes; ``bare`` is the model without what distributes it."""
        device = bare.device
        batch = self._builder.build([self._encoded[i] for i in positions]).to(device)
        gold = self._gold(positions).to(device)
        logits = model(batch)
        loss = label_loss(logits, gold, self._config)
        if self._config.r_drop:
            again = model(batch)
            loss = (loss + label_loss(again, gold, self._config)) / 2
            loss = loss + self._config.r_drop * r_drop(logits, again)
        if self._config.evidence:
            loss = loss + self._config.evidence * self._evidence(bare, batch, positions)
        return loss

    def _gold(self, positions: Sequence[int]) -> Tensor:
        gold = torch.zeros(len(positions), self._n_labels)
        for row, position in enumerate(positions):
            gold[row, list(self._targets[position].columns)] = 1.0
        return gold

    def _evidence(self, bare: DocumentClassifier, batch: Batch, positions: Sequence[int]) -> Tensor:
        chosen = [self._targets[i] for i in positions]
        weights = bare.attention(batch, [target.annotated for target in chosen])
        return evidence_loss(weights, [t.evidence.to(bare.device) for t in chosen])


def targets_of(coded: CodedNote, encoded: EncodedNote, labels: LabelSpace) -> Targets:
    """Return the targets of a note; codes that are no labels are left out."""
    spans = {e.code: e.spans for e in coded.evidence if e.spans and e.code in labels}
    starts, ends = (torch.from_numpy(encoded.offsets[:, i].copy()) for i in (0, 1))
    rows = [
        torch.stack([(starts < s.end) & (ends > s.start) for s in of_code]).any(dim=0)
        for of_code in spans.values()
    ]
    evidence = torch.stack(rows).float() if rows else torch.zeros(0, len(encoded))
    annotated = tuple(labels.index(code) for code in spans)
    return Targets(labels.indices(coded.codes), annotated, evidence)
