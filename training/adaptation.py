"""The YAML of an adaptation: an encoder, texts without labels, and how words are masked."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from cac.errors import SettingsError
from training.section import Section

Share = Field(gt=0.0, lt=1.0)


class SourceConfig(Section):
    """The encoder to start from: a hub id or a folder."""

    name: str
    revision: str | None


class TextConfig(Section):
    """Which texts are read; splits with labels give their texts alone."""

    name: str
    language: str
    splits: tuple[str, ...] = Field(min_length=1)


class AdaptationConfig(Section):
    """A whole adaptation.

    ``held_out`` is the share of notes on which the loss is measured; ``mask_share`` that of the
    pieces to guess (Devlin et al. 2019), in blocks of ``block_tokens``.
    """

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    seed: int
    encoder: SourceConfig
    corpus: TextConfig
    held_out: float = Share
    block_tokens: int = Field(ge=16)
    mask_share: float = Share
    epochs: int = Field(ge=1)
    batch_blocks: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    warmup: float = Field(ge=0, le=1)
    weight_decay: float = Field(ge=0)
    checkpoint_steps: int = Field(ge=1)
    cpu: bool
    experiment: str


def read_adaptation(path: str | Path) -> AdaptationConfig:
    """Read an adaptation's YAML.

    Raises:
        SettingsError: the file cannot be read, or a key is missing, unknown or wrong.
    """
    try:
        return AdaptationConfig.model_validate(
            yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        )
    except (OSError, yaml.YAMLError):
        raise SettingsError(
            f"{path} cannot be read as YAML. Compare configs/adaptation/."
        ) from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors()
        )
        raise SettingsError(f"{path}: {faults}.") from None
