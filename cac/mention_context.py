"""The finder's mentions scored in their context by a trained transformer, kept as a bundle.

It joins the finder, which knows all codes, with what is learnt from notes: how words sound where
they do mean a code. What is codable stays the convention's matter, and so is how much the score
counts (`cac.rank.score`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from cac import bundles
from cac.bundles import BundleManifest
from cac.classify.device import require_device
from cac.classify.manifest import CONTEXT_FILES
from cac.coding import Code, Mention
from cac.errors import BundleError
from cac.note import Assertion

if TYPE_CHECKING:
    from cac.classify.candidates import CandidateModel, Candidates

SCHEMA = "cac.context/1"
CARD = "MODEL_CARD.md"
FEATURE_NAMES = (
    "weight",
    "place",
    "n_candidates",
    "behind_best",
    "is_missing",
    "n_pieces",
    "n_characters",
    "n_of_code",
    "is_sign",
    "is_status",
    *(f"is_{assertion.value.lower()}" for assertion in Assertion),
)
_MEND = "Train it again with `python -m training.train`, or fetch it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextManifest(BundleManifest):
    """Also which figures it knows of a mention, and how it fared on dev notes.

    ``convention`` is that of the corpus it was trained on; others may be asked for.
    """

    features: Sequence[str] = FEATURE_NAMES
    measured: Mapping[str, float] = field(default_factory=dict)
    schema: str = SCHEMA


class Scorer(Protocol):
    """What scores the candidates of a text."""

    def logits(self, text: str, candidates: Candidates) -> npt.NDArray[np.float32]:
        """Return the logit of each candidate; shape (n,)."""


class MentionContext:
    """Gives the finder's candidates the log-odds that their words mean their code.

    The transformer is loaded when it is first asked: most conventions never do.
    """

    def __init__(self, load: Callable[[], Scorer], manifest: ContextManifest) -> None:
        self._load = load
        self.manifest = manifest

    @classmethod
    def open(cls, folder: Path) -> MentionContext:
        """Load a bundle.

        Raises:
            BundleError: it is damaged, older, knows other features, or needs torch, which is not
                installed.
            SettingsError: ``CAC_DEVICE`` names no device.
        """
        manifest = bundles.read_manifest_as(ContextManifest, folder, SCHEMA, _MEND)
        if tuple(manifest.features) != FEATURE_NAMES:
            raise BundleError(f"{folder.name} was trained with other features. {_MEND}")
        bundles.require_libraries(folder.name)
        require_device()
        read = partial(bundles.read_file, folder, manifest.files, mend=_MEND)
        for name in CONTEXT_FILES:
            read(name)
        return cls(partial(_restore, read), manifest)

    @property
    def version(self) -> str:
        """The corpus, the language, and the checksum of the weights."""
        weights = self.manifest.files.get(CONTEXT_FILES[0], "")
        return f"context.{self.manifest.corpus}.{self.manifest.language}.{weights[:12]}"

    @cached_property
    def _scorer(self) -> Scorer:
        return self._load()

    def require_reader(self, fingerprint: str) -> None:
        """Refuse notes read otherwise than those it was trained on.

        Raises:
            BundleError: the fingerprints differ.
        """
        if fingerprint != self.manifest.reader:
            raise BundleError(
                f"The bundle was trained beside reader {self.manifest.reader[:12] or 'none'}, and "
                f"the note is read by {fingerprint[:12] or 'none'}. {_MEND}"
            )

    def weigh(self, text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
        """Return the mentions of a note, their candidates with the log-odds of their context."""
        logits = iter(self._scorer.logits(text, as_candidates(mentions)).tolist())
        return tuple(
            replace(
                mention,
                candidates=tuple(replace(c, context=next(logits)) for c in mention.candidates),
            )
            for mention in mentions
        )


def write_context(
    folder: Path, manifest: ContextManifest, model: CandidateModel, *, int8: bool
) -> None:
    """Write a bundle into a folder that is new, empty or an older bundle.

    Raises:
        BundleError: the folder holds something else.
    """
    bundles.require_writable(folder, (*CONTEXT_FILES, CARD))
    bundles.write_files(folder, manifest.to_json(), model.contents(int8=int8))


def as_candidates(mentions: Sequence[Mention]) -> Candidates:
    """Return the candidates of mentions as the scorer takes them, in their order."""
    from cac.classify.candidates import Candidates

    spans = [m.extent for m in mentions for _ in m.candidates]
    codes = [c.code for m in mentions for c in m.candidates]
    return Candidates(spans, codes, _features(mentions))


def _features(mentions: Sequence[Mention]) -> npt.NDArray[np.float32]:
    """Return what the finder knows of each candidate; shape (n, len(FEATURE_NAMES))."""
    n_of_code = Counter(c.code for m in mentions for c in m.candidates)
    rows = [row for mention in mentions for row in _rows(mention, n_of_code)]
    return np.array(rows, dtype=np.float32).reshape(-1, len(FEATURE_NAMES))


def _rows(mention: Mention, n_of_code: Mapping[Code, int]) -> Iterable[tuple[float, ...]]:
    said = tuple(float(assertion in mention.assertions) for assertion in Assertion)
    best = mention.candidates[0].weight
    for place, candidate in enumerate(mention.candidates):
        yield (
            candidate.weight,
            place,
            len(mention.candidates),
            best - candidate.weight,
            bool(candidate.missing),
            len(mention.spans),
            len(mention.extent),
            n_of_code[candidate.code],
            candidate.code.value.startswith("R"),
            candidate.code.value.startswith("Z"),
            *said,
        )


def _restore(read: Callable[[str], bytes]) -> Scorer:
    from cac.classify.candidates import CandidateModel

    return CandidateModel.restore(read)
