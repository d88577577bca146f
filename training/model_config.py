"""The kinds of model that a run may name, with all that each can be told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cac.classify.config import EncoderConfig, HeadConfig, LossConfig
from cac.classify.linear import LinearSettings
from training.section import Section


class FitConfig(Section):
    """How a document classifier is trained.

    ``batch_notes`` notes of like length are read at once, ``accumulate`` batches make a step.
    ``layer_decay`` lowers the learning rate from each encoder layer to the one below. The best
    epoch by ``best_by`` on dev is kept (``last``: the last one, dev is not looked at); after
    ``patience`` epochs without a better one, training ends. ``rare_exponent`` draws notes by the
    rarity of their rarest code (0: each note once an epoch). ``warmup`` is a share of all steps;
    the rate then falls linearly to 0. A checkpoint is written every so many steps, and each epoch.
    """

    epochs: int = Field(ge=1)
    batch_notes: int = Field(ge=1)
    accumulate: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    layer_decay: float = Field(gt=0, le=1)
    weight_decay: float = Field(ge=0)
    warmup: float = Field(ge=0, le=1)
    clip_norm: float = Field(gt=0)
    rare_exponent: float = Field(ge=0)
    best_by: Literal["map", "micro_f1", "last"]
    patience: int = Field(ge=1)
    checkpoint_steps: int = Field(ge=1)


class DocumentConfig(Section):
    """A fine-tuned encoder with a head over the labels (`cac.classify`); ``cpu`` forbids a GPU."""

    kind: Literal["document"]
    encoder: EncoderConfig
    head: HeadConfig
    loss: LossConfig
    fit: FitConfig
    cpu: bool


class LinearConfig(Section):
    """TF-IDF of words and pairs, one logistic regression a label; needs no torch."""

    kind: Literal["linear"]
    settings: LinearSettings


class LearnedConfig(Section):
    """Terms and trees learnt from annotated evidence, as by ``cac learn``; needs no dev notes."""

    kind: Literal["learned"]


class ScorerConfig(Section):
    """A transformer that scores candidate mentions in their context.

    ``width`` and ``dropout`` are those of `cac.classify.config.CandidateConfig`. ``pool_weight``
    weighs the codes of notes against annotated evidence. Word pieces and the lowest
    ``frozen_layers`` are kept as they are (-1: nothing is). ``int8`` keeps the bundle's matrices
    in a quarter of the room.
    """

    encoder: EncoderConfig
    width: int = Field(ge=1)
    dropout: float = Field(ge=0, lt=1)
    pool_weight: float = Field(ge=0)
    frozen_layers: int = Field(ge=-1)
    int8: bool
    fit: FitConfig
    cpu: bool


class CandidatesConfig(ScorerConfig):
    """Learnt terms and trees with a transformer that scores their mentions in context.

    Each of ``folds`` parts of the training notes is scored by a transformer of the others.
    """

    kind: Literal["candidates"]
    folds: int = Field(ge=2)


class ContextConfig(ScorerConfig):
    """The shipped finder's mentions, scored in their context; nothing else is learnt."""

    kind: Literal["context"]


ModelConfig = Annotated[
    DocumentConfig | LinearConfig | LearnedConfig | CandidatesConfig | ContextConfig,
    Field(discriminator="kind"),
]
