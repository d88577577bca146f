"""MTSamples: transcribed reports of forty specialties, without codes; duplicates removed.

Each of the 2,351 texts stands under several specialties in the file; the first row is kept.
"""

from __future__ import annotations

from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.files import existing, read_csv
from cac.note import Note

DOWNLOAD = (
    "Download the Kaggle data set tboyle10/medicaltranscriptions, add a note_id column, and save "
    "it as mtsamples/mtsamples.csv of the data folder."
)


def load(folder: Path, split: str, language: str) -> list[CodedNote]:
    """Return the distinct reports (``split`` is ``all``); ``note_type`` is the specialty."""
    del split
    path = existing(folder / "mtsamples" / "mtsamples.csv", DOWNLOAD)
    notes: dict[str, CodedNote] = {}
    for row in read_csv(path, ("note_id", "medical_specialty", "transcription")):
        text = row["transcription"]
        words = " ".join(text.split())
        if words and words not in notes:
            note = Note(
                f"mtsamples-{row['note_id']}",
                text,
                note_type=row["medical_specialty"].strip(),
                language=language,
            )
            notes[words] = CodedNote(note, ())
    return list(notes.values())
