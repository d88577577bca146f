"""MDACE: code evidence on MIMIC-III notes; the text comes from the user's licensed copy.

Cheng et al. 2023. The annotations name a chart (HADM_ID) and a note (ROW_ID of NOTEEVENTS) and
count characters of its TEXT. A chart of one setting may stand in another split of the other.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.corpus.files import MissingFileError, existing, read_text
from cac.errors import CorpusError
from cac.note import Note, Setting, Span

DOWNLOAD = (
    "Download https://github.com/3mcloud/MDACE, data/ and splits/, into mdace/ of the data folder."
)
TEXT_DOWNLOAD = (
    "MDACE holds no text. Get NOTEEVENTS.csv.gz of MIMIC-III v1.4 with your PhysioNet licence "
    "(https://physionet.org/content/mimiciii/1.4/) and set CAC_MIMIC_III to its folder."
)
_SPLITS = {"train": "train", "dev": "val", "test": "test"}
_SETTINGS = {"Inpatient": Setting.INPATIENT, "Profee": Setting.PROFESSIONAL}
_WORD = re.compile(r"\w+")


def load(
    folder: Path, split: str, language: str, *, subset: str = "Inpatient", edition: str = "ICD-10"
) -> list[CodedNote]:
    """Return the notes of a split with their codes and evidence; the test split has texts alone.

    Args:
        folder: the data folder, with ``mdace/data`` and ``mdace/splits``.
        split: ``train``, ``dev`` or ``test`` of the evidence splits.
        language: ``en``.
        subset: ``Inpatient`` or ``Profee``.
        edition: ``ICD-10`` as annotated, or ``ICD-9`` as mapped by the publisher.

    Raises:
        CorpusError: annotations or texts are missing, or an offset lies outside its note.
    """
    charts = list(read_charts(folder, split, subset, edition))
    wanted = {int(note["note_id"]) for chart in charts for note in chart["notes"]}
    texts = read_note_events(note_events_path(folder), wanted)
    missing = sorted(wanted - texts.keys())
    if missing:
        raise CorpusError(f"No text for {len(missing)} notes, first {missing[0]}. {TEXT_DOWNLOAD}")
    coded = [
        _coded_note(chart["hadm_id"], note, texts[int(note["note_id"])], subset, language)
        for chart in charts
        for note in chart["notes"]
    ]
    return [CodedNote(c.note, ()) for c in coded] if split == "test" else coded


load_profee = partial(load, subset="Profee")


def chart_ids(folder: Path, split: str, subset: str) -> list[int]:
    """Return the chart ids (HADM_ID) of an evidence split."""
    path = folder / "mdace" / "splits" / subset / f"MDace-ev-{_SPLITS[split]}.csv"
    rows = read_text(existing(path, DOWNLOAD)).split()
    return [int(row) for row in rows if row.isdigit()]


def read_charts(folder: Path, split: str, subset: str, edition: str) -> Iterator[dict[str, Any]]:
    """Yield the annotation records of the charts of a split."""
    data = existing(folder / "mdace" / "data" / subset / edition / "1.0", DOWNLOAD)
    for hadm_id in chart_ids(folder, split, subset):
        path = data / f"{hadm_id}-{edition}.json"
        try:
            yield json.loads(read_text(existing(path, DOWNLOAD)))
        except ValueError as error:
            raise CorpusError(f"{path} is no JSON. {DOWNLOAD}") from error


def note_events_path(folder: Path) -> Path:
    """Return NOTEEVENTS.csv(.gz) of ``CAC_MIMIC_III`` or of ``mimic_iii/`` in the data folder."""
    home = Path(os.environ.get("CAC_MIMIC_III") or folder / "mimic_iii")
    for name in ("NOTEEVENTS.csv.gz", "NOTEEVENTS.csv"):
        if (home / name).is_file():
            return home / name
    raise MissingFileError(f"{home} holds no NOTEEVENTS.csv or NOTEEVENTS.csv.gz. {TEXT_DOWNLOAD}")


def read_note_events(path: Path, wanted: set[int]) -> dict[int, tuple[str, str]]:
    """Return (SUBJECT_ID, TEXT) of the wanted rows, in one pass over the file."""
    csv.field_size_limit(sys.maxsize)
    found = {}
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
        rows = csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
        columns = {name.upper(): name for name in rows.fieldnames or ()}
        absent = {"ROW_ID", "SUBJECT_ID", "TEXT"} - columns.keys()
        if absent:
            raise CorpusError(f"{path} lacks {', '.join(sorted(absent))}. {TEXT_DOWNLOAD}")
        for row in rows:
            number = int(row[columns["ROW_ID"]])
            if number in wanted:
                found[number] = row[columns["SUBJECT_ID"]], row[columns["TEXT"]]
    return found


def _coded_note(
    hadm_id: int, note: dict[str, Any], event: tuple[str, str], subset: str, language: str
) -> CodedNote:
    patient_id, text = event
    note_id = f"mdace-{subset.lower()}-{hadm_id}-{note['note_id']}"
    evidence = tuple(_evidence(note_id, text, a) for a in note["annotations"])
    return CodedNote(
        Note(
            note_id,
            text,
            note_type=note["category"],
            language=language,
            patient_id=patient_id,
            encounter_id=str(hadm_id),
            setting=_SETTINGS[subset],
        ),
        tuple(dict.fromkeys(e.code for e in evidence)),
        evidence,
    )


def _evidence(note_id: str, text: str, annotation: dict[str, Any]) -> CodeEvidence:
    code = _code(annotation)
    begin, end = annotation["begin"], annotation["end"]
    if end == begin:
        # Files made with the publisher's tokenizer end a span where it begins: its word is meant.
        word = _WORD.match(text, begin)
        end = word.end() if word else end
    if not 0 <= begin < end <= len(text):
        raise CorpusError(
            f"Span {begin} to {annotation['end']} lies outside note {note_id}. Use the TEXT of "
            "MIMIC-III v1.4 as it is, with its line ends."
        )
    return CodeEvidence(code, (Span(begin, end),))


def _code(annotation: dict[str, Any]) -> Code:
    return canonical_code(CodeSystem.parse(annotation["code_system"]), annotation["code"])
