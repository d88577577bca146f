"""A trained candidate scorer: logits for the mentions of a note, and the files of a bundle."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor

from cac.bundles import json_bytes
from cac.classify.batch import BatchBuilder
from cac.classify.candidate_scorer import CandidateScorer
from cac.classify.config import CandidateConfig, EncoderConfig, from_json, to_json
from cac.classify.device import inference_device
from cac.classify.encoder import WindowEncoder, architecture, portable
from cac.classify.encoder_files import find_encoder
from cac.classify.label_encoding import encode_labels
from cac.classify.manifest import CONTEXT_FILES, MEND
from cac.classify.mentions import Floats, Mentions, pack, token_ranges
from cac.classify.packing import pack_weights, unpack_weights
from cac.classify.tokens import EncodedNote, NoteTokenizer
from cac.codes import load_icd10cm
from cac.codes.descriptions import describe
from cac.coding import Code, CodeSystem
from cac.errors import BundleError
from cac.note import Span

WEIGHTS, SETTINGS, ARCHITECTURE, TOKENIZER, TERMS = CONTEXT_FILES


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of a note before it is cut into tokens: where, which code, what is known.

    ``features`` has shape (n, n_features).
    """

    spans: Sequence[Span]
    codes: Sequence[Code]
    features: Floats

    def __len__(self) -> int:
        return len(self.codes)


class CandidateModel:
    """Scores candidates by a `CandidateScorer`, and keeps the encodings of codes once made.

    ``terms`` describe the codes whose code set a reader of the bundle may not have (ICD-10-PCS).
    """

    def __init__(
        self,
        scorer: CandidateScorer,
        tokenizer: NoteTokenizer,
        terms: Mapping[Code, Sequence[str]] | None = None,
    ) -> None:
        self.scorer = scorer
        self.tokenizer = tokenizer
        self.terms: Mapping[Code, Sequence[str]] = dict(terms or {})
        self.builder = BatchBuilder(tokenizer, scorer.encoder.config, scorer.encoder.pad_token_id)
        self._numbers: dict[Code, int] = {}
        self._vectors = torch.zeros(0, scorer.encoder.width)

    @classmethod
    def new(cls, encoder: EncoderConfig, config: CandidateConfig) -> CandidateModel:
        """Return an untrained scorer on a pretrained encoder; its weights follow torch's seed.

        Raises:
            SettingsError: the encoder is not found.
            BundleError: the encoder's files are not safe, damaged or of an unknown family.
        """
        folder = find_encoder(encoder)
        scorer = CandidateScorer(WindowEncoder.load(folder, encoder), config)
        return cls(scorer, NoteTokenizer.load(folder))

    @torch.no_grad()
    def logits(self, text: str, candidates: Candidates) -> Floats:
        """Return the logit of each candidate of a note; shape (n,)."""
        if not len(candidates):
            return np.zeros(0, dtype=np.float32)
        self.scorer.eval()
        encoded = self.tokenizer.encode(text)
        self.learn_codes(candidates.codes)
        batch = self.builder.build([encoded]).to(self.scorer.device)
        packed = pack([self.mentions(encoded, candidates)], batch.lengths).to(self.scorer.device)
        found: Floats = self.scorer(batch, packed, self.vectors).cpu().numpy()
        return found

    @property
    def vectors(self) -> Tensor:
        """The encodings of the codes known so far; shape (n_codes, encoder width)."""
        self._vectors = self._vectors.to(self.scorer.device)
        return self._vectors

    def mentions(self, encoded: EncodedNote, candidates: Candidates) -> Mentions:
        """Return candidates by their tokens; their codes must have been numbered before."""
        numbers = np.array([self._numbers[code] for code in candidates.codes], dtype=np.int64)
        return Mentions(token_ranges(encoded, candidates.spans), numbers, candidates.features)

    def number_codes(self, codes: Iterable[Code]) -> list[Code]:
        """Number the codes that have no number yet, and return them; `encode_codes` must follow."""
        missing = [code for code in dict.fromkeys(codes) if code not in self._numbers]
        self._numbers |= {code: n for n, code in enumerate(missing, start=len(self._numbers))}
        return missing

    def learn_codes(self, codes: Iterable[Code]) -> None:
        """Encode the descriptions of codes that are not yet known."""
        if missing := self.number_codes(codes):
            self._vectors = torch.cat([self.vectors, self._encode(missing)])

    def encode_codes(self) -> None:
        """Encode all known codes anew: the encoder has changed."""
        if self._numbers:
            self._vectors = self._encode(list(self._numbers))

    def state_dict(self) -> dict[str, Tensor]:
        """Return what an interrupted training needs beside the weights."""
        return {"vectors": self._vectors}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take up what `state_dict` gave, for the same codes in the same order."""
        self._vectors = state["vectors"]

    def described(self, codes: Iterable[Code]) -> dict[Code, tuple[str, ...]]:
        """Return the terms of codes as the bundle would keep them."""
        found = {**describe(codes, load_icd10cm(), max_terms=1), **self.terms}
        return {code: tuple(terms) for code, terms in found.items() if terms}

    def _encode(self, codes: Sequence[Code]) -> Tensor:
        known = self.described(codes)
        encoder = self.scorer.encoder
        return encode_labels(
            encoder, self.tokenizer, self.builder, [known.get(c, ()) for c in codes]
        )

    def contents(self, *, int8: bool = False) -> Mapping[str, bytes]:
        """Return the files of a bundle, by name; ``int8`` keeps matrices in a quarter of the room.

        The loss of int8 is measured where the bundle is made.
        """
        encoder = portable(self.scorer.encoder.config)
        settings = {"encoder": encoder, "candidates": to_json(self.scorer.config)}
        terms = [[c.system.value, c.value, list(t)] for c, t in sorted(self.terms.items())]
        return {
            WEIGHTS: pack_weights(self.scorer.state_dict(), int8=int8),
            SETTINGS: json_bytes(settings),
            ARCHITECTURE: architecture(self.scorer.encoder),
            TOKENIZER: self.tokenizer.to_bytes(),
            TERMS: json_bytes(terms),
        }

    @classmethod
    def restore(cls, read: Callable[[str], bytes]) -> CandidateModel:
        """Rebuild from the files of a bundle.

        Raises:
            BundleError: a file is damaged, or they do not belong together.
        """
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "config.json").write_bytes(read(ARCHITECTURE))
            (folder / "tokenizer.json").write_bytes(read(TOKENIZER))
            try:
                settings = json.loads(read(SETTINGS))
                encoder = WindowEncoder.empty(folder, from_json(EncoderConfig, settings["encoder"]))
                config = from_json(CandidateConfig, settings["candidates"])
                scorer = CandidateScorer(encoder, config)
                scorer.load_state_dict(unpack_weights(read(WEIGHTS)))
                terms = {Code(CodeSystem.parse(s), v): t for s, v, t in json.loads(read(TERMS))}
            except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
                raise BundleError(
                    f"The files of the bundle do not belong together ({type(error).__name__})."
                    f" {MEND}"
                ) from None
            scorer = scorer.eval().to(inference_device())
            return cls(scorer, NoteTokenizer.load(folder), terms)
