"""What every bundle has, whatever learnt it: a manifest that says licence and restriction."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cac import bundles
from cac.bundles import MANIFEST
from cac.corpus import Licence, Weights
from cac.errors import BundleError


@dataclass(frozen=True, slots=True)
class RunNote:
    """A note beside a bundle: which MLflow run trains it, from what, and whether it is done.

    It stands beside the folder, not in it: a bundle says the same wherever it was trained.
    """

    run_id: str
    inputs: str
    model_uri: str = ""
    finished: bool = False

    def write(self, bundle: Path) -> None:
        """Write the note of a bundle."""
        _note_file(bundle).write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def of(cls, bundle: Path) -> RunNote | None:
        """Return the note of a bundle, None where there is none."""
        path = _note_file(bundle)
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
        except (ValueError, TypeError):
            raise BundleError(f"{path} is damaged. Delete it and train again.") from None

    def goes_on(self, inputs: str) -> bool:
        """Tell whether the run was interrupted, and was of the same inputs."""
        return not self.finished and self.inputs == inputs


def _note_file(bundle: Path) -> Path:
    return bundle.with_name(f"{bundle.name}.run.json")


def read_manifest(bundle: Path) -> dict[str, Any]:
    """Return a bundle's manifest.

    Raises:
        BundleError: there is none, or it is damaged.
    """
    return bundles.read_manifest(bundle, "Train it again.")


def mark(bundle: Path, licence: Licence) -> None:
    """Write the licence of what was learnt from, and whether sharing is forbidden."""
    restricted = licence.weights is not Weights.SHAREABLE
    data = read_manifest(bundle) | {"licence": licence.name, "restricted": restricted}
    temporary = bundle.with_name(f"{bundle.name}.{MANIFEST}.tmp")
    text = json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(bundle / MANIFEST)


def digest_of_bundle(bundle: Path) -> str:
    """Return a checksum of the manifest, which itself holds those of the files."""
    return sha256((bundle / MANIFEST).read_bytes()).hexdigest()


def is_restricted(bundle: Path) -> bool:
    """Tell whether a bundle may not be shared; one that does not say counts as restricted."""
    return read_manifest(bundle).get("restricted") is not False
