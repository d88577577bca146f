"""Where an encoder's files are: a folder, one below ``CAC_ENCODERS``, or the model hub."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cac.classify.config import EncoderConfig
from cac.errors import BundleError, SettingsError

FAMILIES = ("bert", "roberta", "modernbert", "xlm-roberta", "camembert", "megatron-bert")
"""The values of ``model_type`` that are read."""

_SAFE = ["*.safetensors", "*.safetensors.index.json", "*.json", "vocab.txt", "merges.txt"]
_PICKLES = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


def find_encoder(config: EncoderConfig) -> Path:
    """Return a folder with the encoder's config and weights as safetensors.

    Raises:
        SettingsError: no folder has the name, and the hub does not give it.
        BundleError: the folder holds pickles alone, or an encoder of another family.
    """
    folder = next((p for p in _places(config.name) if p.is_dir()), None) or _fetch(config)
    require_safe(folder)
    return folder


def require_safe(folder: Path) -> None:
    """Refuse a folder without safetensors, or of an unknown family.

    Raises:
        BundleError: saying what was found.
    """
    if not any(folder.glob("*.safetensors")):
        pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
        found = f"holds {pickles[0]}, a pickle, which can run any code" if pickles else "has none"
        raise BundleError(
            f"Encoder {folder.name}: weights are read from safetensors alone, and the folder"
            f" {found}. Convert it with transformers' save_pretrained, or take another revision."
        )
    family = encoder_settings(folder).get("model_type")
    if family not in FAMILIES:
        raise BundleError(
            f"Encoder {folder.name} is of the family {family!r}. Known: {', '.join(FAMILIES)}."
        )


def encoder_settings(folder: Path) -> dict[str, Any]:
    """Return what ``config.json`` says.

    Raises:
        BundleError: it is missing or damaged.
    """
    try:
        data = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        data = None
    if not isinstance(data, dict):
        raise BundleError(
            f"Encoder {folder.name} has no config.json that can be read. Fetch the encoder again."
        )
    return data


def _places(name: str) -> Iterator[Path]:
    yield Path(name)
    if shelf := os.environ.get("CAC_ENCODERS"):
        yield Path(shelf) / name
        yield Path(shelf) / name.rsplit("/", 1)[-1]


def _fetch(config: EncoderConfig) -> Path:
    """Take the encoder from the hub's cache or the hub itself, pickles left out."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(config.name, revision=config.revision, allow_patterns=_SAFE)
    except (HfHubHTTPError, LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise SettingsError(
            f"Encoder {config.name!r} is no folder, none below CAC_ENCODERS, and the hub did not"
            f" give it ({type(error).__name__}). Name a folder with its config.json, tokenizer.json"
            " and model.safetensors."
        ) from None
    return Path(folder)
