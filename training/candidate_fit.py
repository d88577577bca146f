"""Trains a scorer of candidate mentions in their context, whoever found them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cac.classify.candidates import CandidateModel, Candidates
from cac.classify.config import CandidateConfig
from training.candidate_objective import CandidateObjective, CandidateTargets
from training.checkpoint import Checkpoint
from training.fit import Fit, OnEpoch, seed_everything
from training.fit import fit as fit_model
from training.model_config import ScorerConfig


@dataclass(frozen=True, slots=True)
class Example:
    """A note's text, its candidates, and what they should give."""

    text: str
    candidates: Candidates
    targets: CandidateTargets


def train_scorer(
    config: ScorerConfig,
    examples: Sequence[Example],
    *,
    seed: int,
    checkpoint: Checkpoint,
    tell: OnEpoch,
) -> CandidateModel:
    """Return a scorer trained on notes; an interrupted training goes on from its checkpoint."""
    seed_everything(seed)
    kept = [example for example in examples if len(example.candidates)]
    head = CandidateConfig(kept[0].candidates.features.shape[1], config.width, config.dropout)
    model = CandidateModel.new(config.encoder, head)
    _freeze(model, config.frozen_layers)
    plan = Fit(
        config=config.fit,
        objective=_objective(model, kept, config.pool_weight),
        shares=None,
        seed=seed,
        cpu=config.cpu,
        before_epoch=model.encode_codes,
        measure=dict,
        on_epoch=tell,
        kept={"codes": model},
    )
    fit_model(model.scorer, plan, checkpoint)
    model.encode_codes()
    checkpoint.remove()
    return model


def _objective(
    model: CandidateModel, examples: Sequence[Example], pool_weight: float
) -> CandidateObjective:
    model.number_codes(code for example in examples for code in example.candidates.codes)
    features = np.concatenate([example.candidates.features for example in examples])
    model.scorer.set_scale(torch.from_numpy(features))
    encoded = model.tokenizer.encode_many(example.text for example in examples)
    mentions = [
        model.mentions(tokens, example.candidates)
        for tokens, example in zip(encoded, examples, strict=True)
    ]
    targets = [example.targets for example in examples]
    return CandidateObjective(model, encoded, mentions, targets, pool_weight)


def _freeze(model: CandidateModel, n_layers: int) -> None:
    """Keep word pieces, positions and the lowest layers as they are; -1 keeps nothing."""
    prefixes = ["embeddings.", *(f"layer.{i}." for i in range(n_layers))]
    for name, parameter in model.scorer.encoder.named_parameters() if n_layers >= 0 else ():
        parameter.requires_grad = not any(prefix in name for prefix in prefixes)
