"""MTS-Dialog: the texts of single sections with their normalised type (Ben Abacha et al. 2023).

The sections come from MTSamples: never learn from one and measure on the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.files import existing, read_csv
from cac.note import Note

DOWNLOAD = (
    "Download https://github.com/abachaa/MTS-Dialog, Main-Dataset/*.csv, into mts_dialog/ of the "
    "data folder."
)
_FILES = {
    "train": "MTS-Dialog-TrainingSet.csv",
    "dev": "MTS-Dialog-ValidationSet.csv",
    "test1": "MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv",
    "test2": "MTS-Dialog-TestSet-2-MEDIQA-Sum-2023.csv",
}


@dataclass(frozen=True, slots=True)
class TypedSection:
    """The text of one section and its type, such as ``PASTMEDICALHX``; empty in test splits."""

    note: Note
    section_type: str


def load_sections(folder: Path, split: str) -> list[TypedSection]:
    """Return the sections of a split in order."""
    path = existing(folder / "mts_dialog" / _FILES[split], DOWNLOAD)
    hidden = split.startswith("test")
    return [
        TypedSection(
            Note(f"mts-{split}-{row['ID']}", row["section_text"], note_type="section"),
            "" if hidden else row["section_header"].strip(),
        )
        for row in read_csv(path, ("ID", "section_header", "section_text"))
    ]


def load(folder: Path, split: str, language: str) -> list[CodedNote]:
    """Return the sections as notes without codes."""
    del language
    return [CodedNote(section.note, ()) for section in load_sections(folder, split)]
