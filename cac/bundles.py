"""Folders of files under their checksums: what all kinds of bundles share."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from cac.errors import BundleError

MANIFEST = "manifest.json"
_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors")
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """What every bundle says of itself: what it was learnt from, by what, for which convention.

    ``reader`` is the fingerprint of what read the notes; ``sources`` names code sets and terms
    with their releases; ``licence`` is that of the corpus, and ``restricted`` bundles may not leave
    the people who have it (None: not stated); ``files`` are checksums by name.
    """

    convention: str
    language: str
    corpus: str
    split: str
    corpus_digest: str
    n_notes: int
    reader: str
    version: str
    licence: str = ""
    restricted: bool | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def require_libraries(name: str) -> None:
    """Refuse a bundle of a transformer where its libraries are not installed.

    Raises:
        BundleError: naming the first that is missing, and the mend.
    """
    missing = [library for library in _LIBRARIES if find_spec(library) is None]
    if missing:
        raise BundleError(
            f"Bundle {name} is a transformer, and {missing[0]} is not installed. Install the "
            "extra: pip install 'cac[neural]'. Without a bundle the finder answers."
        )


def read_manifest(folder: Path, mend: str) -> dict[str, Any]:
    """Return what the manifest says.

    Raises:
        BundleError: there is none, or it is damaged; ``mend`` says what to do.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"{folder} is no bundle: it has no {MANIFEST}. {mend}")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("schema"), str):
        raise BundleError(f"{path} is damaged. {mend}")
    return data


def read_manifest_as(kind: Callable[..., Kind], folder: Path, schema: str, mend: str) -> Kind:
    """Return what a manifest of a schema says, as ``kind``.

    Raises:
        BundleError: there is none, it is damaged, or of another schema.
    """
    data = read_manifest(folder, mend)
    if data["schema"] != schema:
        raise BundleError(
            f"{folder / MANIFEST} has schema {data['schema']!r}, not {schema!r}. {mend}"
        )
    try:
        return kind(**data)
    except TypeError:
        raise BundleError(f"{folder / MANIFEST} is damaged. {mend}") from None


def read_file(folder: Path, digests: Mapping[str, str], name: str, mend: str) -> bytes:
    """Return a file of a bundle.

    Raises:
        BundleError: it is missing, or not what the manifest says.
    """
    path = folder / name
    if not path.is_file():
        raise BundleError(f"{folder} lacks {name}. {mend}")
    content = path.read_bytes()
    if digests.get(name) != digest(content):
        raise BundleError(f"{path} is not what the manifest says: it was altered. {mend}")
    return content


def write_files(folder: Path, manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> None:
    """Write files, and last the manifest with their checksums; without it nothing is a bundle."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    data = {**manifest, "files": {name: digest(content) for name, content in contents.items()}}
    text = json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def require_writable(folder: Path, known: Collection[str]) -> None:
    """Refuse a folder that holds anything but a bundle; nothing of a user is overwritten.

    Raises:
        BundleError: naming what was found.
    """
    if folder.exists() and not folder.is_dir():
        raise BundleError(f"{folder} is a file. Name a folder for the bundle.")
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if strange := sorted(there - {MANIFEST, *known}):
        raise BundleError(
            f"{folder} holds other things than a bundle ({strange[0]}). Name a new folder."
        )


def json_bytes(data: object) -> bytes:
    """Return plain data as a file of a bundle."""
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return sha256(content).hexdigest()
