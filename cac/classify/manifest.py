"""What a classifier was trained on and by what: the manifest of its bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cac import bundles
from cac.bundles import BundleManifest
from cac.errors import BundleError

SCHEMA = "cac.classifier/1"
LABELS, DECISIONS = "labels.json", "calibration.json"
KINDS: Mapping[str, tuple[str, ...]] = {
    "document": ("weights.safetensors", "model.json", "config.json", "tokenizer.json"),
    "linear": ("weights.npz", "vocabulary.json"),
}
"""The kinds of classifier, and the files that each adds to labels and calibration."""

CONTEXT_FILES = (
    "context.safetensors",
    "context.json",
    "context_encoder.json",
    "context_tokenizer.json",
    "context_terms.json",
)
"""What a transformer that scores candidates in context adds to a learnt bundle."""

MEND = "Train the bundle again, or fetch it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierManifest(BundleManifest):
    """Also its name, its kind, and what it answers with.

    ``measured`` holds figures on dev notes; ``labels_digest`` is that of the label space.
    """

    name: str
    kind: str = ""
    labels_digest: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)
    schema: str = SCHEMA

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
