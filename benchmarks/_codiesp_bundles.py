"""Bundles learnt from CodiEsp train, kept from one measurement to the next."""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from pathlib import Path

import cac.learn
from cac.bundles import MANIFEST
from cac.corpus import load_corpus, write_coded_notes
from cac.corpus.projection import project_evidence
from cac.learn.corpora import learn_bundle
from cac.note import Note
from cac.read import read_note

_PROJECTED = "codiesp_en_train.jsonl"


def learned_bundle(language: str, data: Path) -> Path:
    """Return the folder of the bundle that the present sources learn; learn it if need be."""
    root = bundle_root()
    folder = root / f"codiesp-{language}-{sources_digest(language)}"
    if not (folder / MANIFEST).is_file():
        print(f"  learning {folder.name}", file=sys.stderr)
        evidence = projected(root, data) if language == "en" else None
        learn_bundle("codiesp", "train", language, folder, evidence=evidence)
    return folder


def bundle_root() -> Path:
    """Return the folder of bundles: ``CAC_BUNDLES``, or else ``out/bundles``."""
    return Path(os.environ.get("CAC_BUNDLES", Path(__file__).parents[1] / "out" / "bundles"))


def sources_digest(language: str) -> str:
    """Name the learning code and the reader: a bundle of other sources is not measured."""
    sources = sorted(Path(cac.learn.__file__).parent.glob("*.[pj]*"))
    digest = sha256(b"".join(path.read_bytes() for path in sources))
    digest.update(read_note(Note("", ".", language=language)).fingerprint.encode())
    return digest.hexdigest()[:12]


def projected(root: Path, data: Path) -> Path:
    """Return the English training notes with the evidence of the Spanish ones.

    The file is that of ``cac corpus project --output FOLDER``, and taken where it stands already.
    """
    path = root / _PROJECTED
    if not path.is_file():
        root.mkdir(parents=True, exist_ok=True)
        notes = {name: load_corpus("codiesp", "train", name, data) for name in ("es", "en")}
        extra = {
            name: [c.note for c in load_corpus("codiesp", "background", name, data)]
            for name in notes
        }
        carried = project_evidence(notes["es"], notes["en"], extra["es"], extra["en"])
        write_coded_notes(path, carried)
    return path
