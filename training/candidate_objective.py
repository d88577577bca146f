"""The loss of candidate mentions: evidence where it is annotated, codes of notes everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from cac.classify.candidate_scorer import noisy_or, pooled_loss
from cac.classify.candidates import CandidateModel
from cac.classify.mentions import Mentions, PackedMentions, pack
from cac.classify.tokens import EncodedNote

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CandidateTargets:
    """What a note's candidates should give; an entry a candidate.

    ``evidence`` are those that cover evidence of their code, None where the note has no evidence
    annotated; ``gold`` are those whose code the note has.
    """

    evidence: Bools | None
    gold: Bools


class CandidateObjective:
    """Makes batches of notes with their candidates, and their loss.

    ``pool_weight`` weighs the codes of notes (multiple instance learning by noisy-or) against
    annotated evidence; notes without evidence are learnt from by their codes alone.
    """

    def __init__(
        self,
        model: CandidateModel,
        encoded: Sequence[EncodedNote],
        mentions: Sequence[Mentions],
        targets: Sequence[CandidateTargets],
        pool_weight: float,
    ) -> None:
        self._model = model
        self._encoded = encoded
        self._mentions = mentions
        self._targets = targets
        self._pool_weight = pool_weight

    @property
    def lengths(self) -> list[int]:
        """Tokens by note."""
        return [len(note) for note in self._encoded]

    def loss(self, model: nn.Module, positions: Sequence[int], bare: Any) -> Tensor:
        """Return the loss of some notes; ``bare`` is the model without what distributes it."""
        batch = self._model.builder.build([self._encoded[i] for i in positions]).to(bare.device)
        packed = pack([self._mentions[i] for i in positions], batch.lengths).to(bare.device)
        logits = model(batch, packed, self._model.vectors)
        targets = [self._targets[i] for i in positions]
        loss = self._pool_weight * _pooled(logits, packed, targets)
        return loss + _annotated(logits, targets)


def _annotated(logits: Tensor, targets: Sequence[CandidateTargets]) -> Tensor:
    """Return the mean cross-entropy of the candidates of notes with evidence."""
    known = np.concatenate([np.full(len(t.gold), t.evidence is not None) for t in targets])
    truth = np.concatenate([t.gold if t.evidence is None else t.evidence for t in targets])
    chosen = torch.from_numpy(known).to(logits.device)
    wanted = torch.from_numpy(truth).float().to(logits.device)
    each = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (each * chosen).sum() / chosen.sum().clamp_min(1)


def _pooled(logits: Tensor, packed: PackedMentions, targets: Sequence[CandidateTargets]) -> Tensor:
    """Return the mean cross-entropy of the codes that the candidates speak for."""
    gold = torch.zeros(packed.n_pools, device=logits.device)
    of_candidate = torch.from_numpy(np.concatenate([t.gold for t in targets])).float()
    gold[packed.pool] = of_candidate.to(logits.device)
    log_none = noisy_or(logits, packed.pool, packed.n_pools)
    return pooled_loss(log_none, gold) / max(packed.n_pools, 1)
