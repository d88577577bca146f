"""ACI-Bench: US outpatient notes; 67 of them with expert ICD-10-CM labels, for evaluation only.

Notes: Yim et al. 2023. Labels: Yuan et al. 2025 (arXiv 2510.07629), CC BY-NC: assessed or treated
problems only, about two a note, without spans; nothing may be learnt from them.
"""

from __future__ import annotations

from pathlib import Path

from cac.coding import Code, CodedNote, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.corpus.files import existing, read_csv, read_tsv
from cac.errors import CorpusError
from cac.note import Note, Setting

DOWNLOAD = (
    "Download https://github.com/wyim/aci-bench, data/challenge_data/*.csv, into aci_bench/, "
    "and the labels of arXiv 2510.07629 into aci_bench_icd10/dev.tsv of the data folder."
)
_FILES = {
    "train": "train.csv",
    "valid": "valid.csv",
    "test1": "clinicalnlp_taskB_test1.csv",
    "test2": "clinicalnlp_taskC_test2.csv",
    "test3": "clef_taskC_test3.csv",
}


def load(folder: Path, split: str, language: str) -> list[CodedNote]:
    """Return the notes of a split; ``dev`` is the labelled part, the others are texts only."""
    if split != "dev":
        return [CodedNote(note, ()) for note in _notes(folder, split, language).values()]
    notes = _notes(folder, "train", language) | _notes(folder, "valid", language)
    labels = _labels(folder)
    missing = sorted(labels.keys() - notes.keys())
    if missing:
        raise CorpusError(f"No note for the labelled encounters {', '.join(missing)}. {DOWNLOAD}")
    return [CodedNote(notes[note_id], codes) for note_id, codes in sorted(labels.items())]


def _notes(folder: Path, split: str, language: str) -> dict[str, Note]:
    path = existing(folder / "aci_bench" / _FILES[split], DOWNLOAD)
    return {
        row["encounter_id"]: Note(
            row["encounter_id"],
            row["note"],
            note_type="outpatient visit",
            language=language,
            encounter_id=row["encounter_id"],
            setting=Setting.OUTPATIENT,
        )
        for row in read_csv(path, ("encounter_id", "note"))
    }


def _labels(folder: Path) -> dict[str, tuple[Code, ...]]:
    path = existing(folder / "aci_bench_icd10" / "dev.tsv", DOWNLOAD)
    rows = list(read_tsv(path, 3))[1:]
    return {
        encounter_id: tuple(canonical_code(CodeSystem.ICD10CM, v) for v in values.split(";"))
        for encounter_id, _, values in rows
    }
