"""What a classifier is made of: encoder, head and loss; frozen, and checked when made.

>>> HeadConfig().kind
'label_cross_attention'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal, TypeVar, get_args

from cac.errors import SettingsError

Dtype = Literal["float32", "bfloat16"]
HeadKind = Literal["label_cross_attention", "label_attention", "laat", "max_pool"]
LabelInit = Literal["random", "descriptions"]
LossKind = Literal["bce", "asymmetric", "focal"]


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What reads the tokens.

    ``name`` is a hub id, or a folder, also one below ``CAC_ENCODERS``; ``revision`` a commit or
    tag of the hub. A window holds ``max_length`` tokens, special ones counted, and shares
    ``stride`` with the one before it (transformers calls the overlap so). ``dtype`` is what the
    encoder computes in; weights in training stay float32. ``windows_per_pass`` bounds memory.
    ``n_layers`` keeps the lowest layers alone, which is faster (Sajjad et al. 2023); None: all.
    """

    name: str
    revision: str | None = None
    max_length: int = 512
    stride: int = 64
    dtype: Dtype = "float32"
    gradient_checkpointing: bool = False
    windows_per_pass: int = 16
    n_layers: int | None = None

    # pydantic, where a run's YAML is read, refuses unknown keys of this class by name.
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _one_of("dtype", self.dtype, get_args(Dtype))
        _at_least("max_length", self.max_length, 8)
        _at_least("stride", self.stride, 0)
        _at_least("windows_per_pass", self.windows_per_pass, 1)
        _at_least("n_layers", 1 if self.n_layers is None else self.n_layers, 1)
        if self.stride > self.max_length // 2:
            raise SettingsError(
                f"stride {self.stride} with max_length {self.max_length}: windows may share half "
                f"of their tokens at most. Set stride to {self.max_length // 2} or less."
            )


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """How token states become a score for each label.

    ``label_cross_attention`` is PLM-CA (Edin et al. 2024), ``label_attention`` PLM-ICD (Huang et
    al. 2022), ``laat`` LAAT (Vu et al. 2020), ``max_pool`` the highest score of any token.
    ``attention_width`` is the rank of label queries (0: the encoder's width). With ``label_init``
    ``descriptions`` a label is encoded from its terms, so that unseen ones can be scored;
    ``label_residual`` adds what is learnt of each seen label on top.
    """

    kind: HeadKind = "label_cross_attention"
    label_init: LabelInit = "random"
    attention_width: int = 128
    dropout: float = 0.1
    label_residual: bool = True

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, get_args(HeadKind))
        _one_of("label_init", self.label_init, get_args(LabelInit))
        _at_least("attention_width", self.attention_width, 0)
        _share("dropout", self.dropout)


@dataclass(frozen=True, slots=True)
class LossConfig:
    """What training minimises.

    ``gamma_positive``, ``gamma_negative`` and ``clip`` belong to the asymmetric loss (Ridnik et
    al. 2021), ``gamma_positive`` and ``alpha`` to the focal one (Lin et al. 2017). ``r_drop``
    weighs how far two passes with dropout may differ (Liang et al. 2021), ``evidence`` how much
    attention must lie on annotated spans; 0 leaves either out.
    """

    kind: LossKind = "bce"
    gamma_positive: float = 1.0
    gamma_negative: float = 4.0
    clip: float = 0.05
    alpha: float = 0.25
    r_drop: float = 0.0
    evidence: float = 0.0

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, get_args(LossKind))
        _share("clip", self.clip)
        _share("alpha", self.alpha)
        for name in ("gamma_positive", "gamma_negative", "r_drop", "evidence"):
            _at_least(name, getattr(self, name), 0.0)


@dataclass(frozen=True, slots=True)
class CandidateConfig:
    """How a candidate mention becomes a score.

    ``width`` is that of mentions, codes and features before they are joined; ``n_features`` how
    many figures other parts give of each candidate.
    """

    n_features: int
    width: int = 128
    dropout: float = 0.1

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _at_least("n_features", self.n_features, 1)
        _at_least("width", self.width, 1)
        _share("dropout", self.dropout)


Config = TypeVar("Config", EncoderConfig, HeadConfig, LossConfig, CandidateConfig)


def to_json(config: EncoderConfig | HeadConfig | LossConfig | CandidateConfig) -> dict[str, Any]:
    """Return plain data."""
    return asdict(config)


def from_json(kind: type[Config], data: Mapping[str, Any]) -> Config:
    """Make a config from plain data.

    Raises:
        SettingsError: a key is unknown, or a value not allowed.
    """
    known = {f.name for f in fields(kind)}
    if unknown := sorted(set(data) - known):
        raise SettingsError(
            f"Unknown key {unknown[0]!r} in {kind.__name__}. Known: {', '.join(sorted(known))}."
        )
    return kind(**data)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name} {value!r} is unknown. Known: {', '.join(allowed)}.")


def _at_least(name: str, value: float, least: float) -> None:
    if not value >= least:
        raise SettingsError(f"{name} is {value}. Allowed: {least} or more.")


def _share(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise SettingsError(f"{name} is {value}. Allowed: 0 or more, and below 1.")
