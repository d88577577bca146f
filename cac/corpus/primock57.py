"""PriMock57: clinicians' notes of mock UK general-practice consultations, without codes."""

from __future__ import annotations

import json
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.files import existing, read_text
from cac.errors import CorpusError
from cac.note import Note, Setting

DOWNLOAD = (
    "Download https://github.com/babylonhealth/primock57, notes/*.json, into primock57/notes/ of "
    "the data folder."
)


def load(folder: Path, split: str, language: str) -> list[CodedNote]:
    """Return the 57 notes (``split`` is ``all``)."""
    del split
    paths = existing(folder / "primock57" / "notes", DOWNLOAD).glob("*.json")
    return [CodedNote(_note(path, language), ()) for path in sorted(paths)]


def _note(path: Path, language: str) -> Note:
    try:
        text = json.loads(read_text(path))["note"]
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path} holds no JSON with a field 'note'. {DOWNLOAD}") from error
    return Note(
        f"primock57-{path.stem}",
        text,
        note_type="general practice",
        language=language,
        setting=Setting.OUTPATIENT,
    )
