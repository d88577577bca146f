"""What may become of weights: that of the corpus, and of the corpora that the encoder came from."""

from __future__ import annotations

import json
from pathlib import Path

from cac.classify.encoder_files import find_encoder
from cac.corpus import Licence, Weights
from cac.corpus.cards import strictest
from cac.errors import BundleError
from training.config import RunConfig
from training.model_config import DocumentConfig, ScorerConfig

FILE = "licence.json"
"""Stands beside the weights of an encoder that was adapted to a corpus."""


def write_licence(encoder: Path, licence: Licence) -> None:
    """Say beside an adapted encoder what it was learnt from."""
    data = {"licence": licence.name, "weights": licence.weights.value}
    (encoder / FILE).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def licence_of_encoder(encoder: Path) -> Licence | None:
    """Return what an encoder was adapted under; None where it was not adapted here.

    Raises:
        BundleError: the file is damaged.
    """
    path = encoder / FILE
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Licence(data["licence"], Weights(data["weights"]))
    except (ValueError, KeyError, TypeError):
        raise BundleError(f"{path} is damaged. Adapt the encoder again.") from None


def joined(corpus: Licence, encoder: Licence | None) -> Licence:
    """Return what holds of weights that a corpus taught to an encoder."""
    if encoder is None or encoder == corpus:
        return corpus
    name = f"{corpus.name}; encoder adapted under {encoder.name}"
    return Licence(name, strictest([corpus.weights, encoder.weights]))


def licence_of_run(config: RunConfig, corpus: Licence) -> Licence:
    """Return what holds of the weights of a run on a corpus of this licence."""
    model = config.model
    if not isinstance(model, DocumentConfig | ScorerConfig):
        return corpus
    return joined(corpus, licence_of_encoder(find_encoder(model.encoder)))
