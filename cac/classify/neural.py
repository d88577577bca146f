"""A trained encoder and head as a scorer of texts, and as the files of a bundle."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from cac.classify.attribution import attribute
from cac.classify.batch import BatchBuilder
from cac.classify.bucketing import batches_by_length
from cac.classify.config import EncoderConfig, HeadConfig, from_json, to_json
from cac.classify.device import inference_device
from cac.classify.encoder import WindowEncoder, architecture, portable
from cac.classify.encoder_files import find_encoder
from cac.classify.label_encoding import encode_labels
from cac.classify.manifest import MEND
from cac.classify.model import DocumentClassifier
from cac.classify.scorer import Floats, Ints, Progress, no_progress
from cac.classify.tokens import FILE as TOKENIZER
from cac.classify.tokens import NoteTokenizer
from cac.classify.words import by_word, words_of
from cac.errors import BundleError

WEIGHTS, SETTINGS, ARCHITECTURE = "weights.safetensors", "model.json", "config.json"
FILES = (WEIGHTS, SETTINGS, ARCHITECTURE, TOKENIZER)
_N_NOTES = 16


@dataclass(frozen=True, slots=True)
class _Read:
    """The states of notes that were scored together: evidence of their codes is asked next."""

    weights_version: int
    states: Mapping[str, torch.Tensor]


class NeuralScorer:
    """Scores texts with a `DocumentClassifier`, a few windows at a time."""

    kind = "document"
    methods: tuple[str, ...] = ("attention", "attingrad")

    def __init__(
        self, model: DocumentClassifier, tokenizer: NoteTokenizer, *, method: str = "attingrad"
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.method: str = method
        self._read = _Read(0, {})
        encoder = model.encoder
        self.builder = BatchBuilder(tokenizer, encoder.config, encoder.pad_token_id)

    @classmethod
    def new(cls, encoder: EncoderConfig, head: HeadConfig, n_labels: int) -> NeuralScorer:
        """Return an untrained head on a pretrained encoder; the head's weights follow torch's seed.

        Raises:
            SettingsError: the encoder is not found.
            BundleError: the encoder's files are not safe, damaged or of an unknown family.
        """
        folder = find_encoder(encoder)
        model = DocumentClassifier(WindowEncoder.load(folder, encoder), n_labels, head)
        return cls(model, NoteTokenizer.load(folder))

    @property
    def n_labels(self) -> int:
        """How many labels are scored."""
        return self.model.n_labels

    @property
    def batch_size(self) -> int:
        """How many notes are best scored together: on a CPU padding costs more than it gains."""
        return 1 if self.model.device.type == "cpu" else _N_NOTES

    @torch.no_grad()
    def scores(self, texts: Sequence[str], progress: Progress = no_progress) -> Floats:
        """Return uncalibrated probabilities; shape (n_texts, n_labels).

        Memory is bounded by one batch of `windows_per_pass` windows, or by the longest text.
        """
        self.model.eval()
        encoded = self.tokenizer.encode_many(texts)
        config = self.model.encoder.config
        found = np.zeros((len(texts), self.n_labels), dtype=np.float32)
        with self.model.computing():
            for batch in batches_by_length(
                [len(note) for note in encoded],
                max_notes=_N_NOTES,
                max_tokens=config.windows_per_pass * config.max_length,
            ):
                built = self.builder.build([encoded[i] for i in batch]).to(self.model.device)
                states = self.model.states(built)
                logits = self.model.head(states, built.lengths)
                found[batch] = torch.sigmoid(logits).cpu().numpy()
                progress(len(batch))
                if len(batch) == len(texts):
                    self._keep([texts[i] for i in batch], states, built.lengths)
        return np.asarray(found, dtype=np.float64)

    def word_weights(self, text: str, labels: Sequence[int]) -> tuple[Ints, Floats]:
        """Return the words of a text and how much each speaks for each label."""
        self.model.eval()
        encoded = self.tokenizer.encode(text)
        batch = self.builder.build([encoded]).to(self.model.device)
        states = None
        if self._read.weights_version == self._weights_version():
            states = self._read.states.get(text)
        weights = attribute(self.model, batch, labels, self.method, states).cpu().double().numpy()
        words = words_of(text)
        return words, by_word(words, encoded.offsets, weights)

    def _keep(self, texts: Sequence[str], states: torch.Tensor, lengths: Sequence[int]) -> None:
        parts = states.split(list(lengths))
        self._read = _Read(self._weights_version(), dict(zip(texts, parts, strict=True)))

    def _weights_version(self) -> int:
        """Count the changes of the weights: states of before must not be used after."""
        return sum(p._version for p in self.model.parameters())

    def encode_labels(self, terms: Sequence[Sequence[str]]) -> None:
        """Encode the labels anew from their terms; see `cac.classify.label_encoding`."""
        found = encode_labels(self.model.encoder, self.tokenizer, self.builder, terms)
        self.model.head.labels.set_encodings(found)

    def extend(self, terms: Sequence[Sequence[str]]) -> None:
        """Add labels that were never trained, at the end, from their terms.

        Raises:
            SettingsError: the labels were learnt without descriptions.
        """
        found = encode_labels(self.model.encoder, self.tokenizer, self.builder, terms)
        self.model.head.labels.extend(found)

    def reorder(self, order: Sequence[int]) -> None:
        """Put the labels into another order: first the one at ``order[0]``."""
        self.model.head.labels.reorder(torch.tensor(order, device=self.model.device))

    def contents(self) -> Mapping[str, bytes]:
        """Return the files of a bundle, by name."""
        settings = {
            "encoder": portable(self.model.encoder.config),
            "head": to_json(self.model.head_config),
            "evidence": self.method,
        }
        tensors = {k: v.detach().cpu().contiguous() for k, v in self.model.state_dict().items()}
        return {
            WEIGHTS: save(tensors),
            SETTINGS: (json.dumps(settings, indent=2) + "\n").encode(),
            ARCHITECTURE: architecture(self.model.encoder),
            TOKENIZER: self.tokenizer.to_bytes(),
        }

    @classmethod
    def restore(cls, read: Callable[[str], bytes], n_labels: int) -> NeuralScorer:
        """Rebuild from the files of a bundle.

        Raises:
            BundleError: a file is damaged, or they do not belong together.
        """
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            for name in (ARCHITECTURE, TOKENIZER):
                (folder / name).write_bytes(read(name))
            try:
                settings: dict[str, Any] = json.loads(read(SETTINGS))
                encoder = WindowEncoder.empty(folder, from_json(EncoderConfig, settings["encoder"]))
                head = from_json(HeadConfig, settings["head"])
                model = DocumentClassifier(encoder, n_labels, head)
                model.load_state_dict(load(read(WEIGHTS)))
            except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
                raise BundleError(
                    f"The files of the bundle do not belong together ({type(error).__name__})."
                    f" {MEND}"
                ) from None
            model = model.eval().to(inference_device())
            return cls(model, NoteTokenizer.load(folder), method=settings["evidence"])
