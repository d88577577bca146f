"""What a classifier was trained on and by what: the manifest of its bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cac import bundles
from cac.errors import BundleError

SCHEMA = "cac.classifier/1"
LABELS, DECISIONS = "labels.json", "calibration.json"
KINDS: Mapping[str, tuple[str, ...]] = {
    "document": ("weights.safetensors", "model.json", "config.json", "tokenizer.json"),
    "linear": ("weights.npz", "vocabulary.json"),
}
"""The kinds of classifier, and the files that each adds to labels and calibration."""

MEND = "Train the bundle again, or fetch it again."


@dataclass(frozen=True, slots=True)
class ClassifierManifest:
    """What a bundle was trained on, and beside which reader.

    ``reader`` is the fingerprint of what reads the notes; ``sources`` names code sets with their
    releases; ``restricted`` bundles may not leave the people who have the corpus; ``measured``
    holds figures on dev notes; ``labels_digest`` is that of the label space.
    """

    name: str
    convention: str
    language: str
    corpus: str
    split: str
    corpus_digest: str
    n_notes: int
    reader: str
    version: str
    licence: str
    restricted: bool
    kind: str = ""
    labels_digest: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    measured: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    schema: str = SCHEMA

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def read(cls, folder: Path) -> ClassifierManifest:
        """Read and check the manifest of a bundle.

        Raises:
            BundleError: none is there, it is damaged, or of another schema or kind.
        """
        manifest = bundles.read_manifest_as(cls, folder, SCHEMA, MEND)
        if manifest.kind not in KINDS:
            raise BundleError(
                f"{folder.name} is a classifier of kind {manifest.kind!r}. Known: "
                f"{', '.join(KINDS)}. {MEND}"
            )
        return manifest


def known_files() -> tuple[str, ...]:
    """Return the names that files of a classifier's bundle may have."""
    return (LABELS, DECISIONS, *(name for names in KINDS.values() for name in names))
