"""MDACE: code evidence on MIMIC-III notes; the text comes from the user's licensed copy.

Cheng et al. 2023. The annotations name a chart (HADM_ID) and a note (ROW_ID of NOTEEVENTS) and
count characters of its TEXT. A chart of one setting may stand in another split of the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import compute

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.corpus.files import existing, read_text
from cac.corpus.mimic.folders import MIMIC_III
from cac.corpus.mimic.tables import numbers, read_table
from cac.errors import CorpusError
from cac.note import Note, Setting, Span

DOWNLOAD = (
    "Download https://github.com/3mcloud/MDACE, data/ and splits/, into mdace/ of the data folder."
)
MAPPINGS = ("Human", "EXACT", "APPROX", "MULTI", "MULTI_DESC", "NO_ENTRY")
"""How an ICD-9 code came from the annotated ICD-10 code; ``Human`` was annotated as it stands."""

_SPLITS = {"train": "train", "dev": "val", "test": "test"}
_SETTINGS = {"Inpatient": Setting.INPATIENT, "Profee": Setting.PROFESSIONAL}
_WORD = re.compile(r"\w+")
_MOST_CUT = 0.1  # of the spans may cut a word; more means that the offsets are of another text.


@dataclass(frozen=True, slots=True)
class Event:
    """A row of NOTEEVENTS."""

    patient_id: str
    hadm_id: int
    category: str
    text: str


def load(
    folder: Path,
    split: str,
    language: str,
    *,
    subset: str = "Inpatient",
    edition: str = "ICD-10",
    mappings: Sequence[str] = MAPPINGS,
) -> list[CodedNote]:
    """Return the notes of a split with their codes and evidence; the test split has texts alone.

    Args:
        folder: the data folder, with ``mdace/data`` and ``mdace/splits``.
        split: ``train``, ``dev`` or ``test`` of the evidence splits.
        language: ``en``.
        subset: ``Inpatient`` or ``Profee``.
        edition: ``ICD-10`` as annotated, or ``ICD-9`` as mapped by the publisher.
        mappings: which of `MAPPINGS` are taken; without ``APPROX``, ``MULTI_DESC`` and
            ``NO_ENTRY`` the ICD-9 codes mean what was annotated.

    Raises:
        CorpusError: annotations or texts are missing, a note is another than the annotated one,
            or the offsets do not fit its text.
    """
    charts = [_mapped(c, mappings) for c in read_charts(folder, split, subset, edition)]
    wanted = {int(note["note_id"]) for chart in charts for note in chart["notes"]}
    events = read_events(MIMIC_III.table(folder, "NOTEEVENTS"), wanted)
    missing = sorted(wanted - events.keys())
    if missing:
        raise CorpusError(
            f"No text for {len(missing)} notes, first {missing[0]}. {MIMIC_III.download}"
        )
    coded = [
        _coded_note(chart["hadm_id"], note, events[int(note["note_id"])], subset, language)
        for chart in charts
        for note in chart["notes"]
    ]
    _require_whole_words(coded)
    return [CodedNote(c.note, ()) for c in coded] if split == "test" else coded


load_profee = partial(load, subset="Profee")
load_icd9 = partial(load, edition="ICD-9")
load_profee_icd9 = partial(load, subset="Profee", edition="ICD-9")


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


def read_events(path: Path, wanted: set[int]) -> dict[int, Event]:
    """Return the wanted rows of NOTEEVENTS by ROW_ID, in one pass that ends with the last."""
    rows = pyarrow.array(sorted(wanted), pyarrow.int64())
    events: dict[int, Event] = {}
    for batch in read_table(path, ("ROW_ID", "SUBJECT_ID", "HADM_ID", "CATEGORY", "TEXT")):
        found = batch.filter(compute.is_in(numbers(batch.column(0)), value_set=rows))
        for row_id, patient_id, hadm_id, category, text in zip(
            *found.to_pydict().values(), strict=True
        ):
            events[int(row_id)] = Event(
                patient_id.strip(), int(hadm_id or -1), category.strip(), text
            )
        if len(events) == len(wanted):
            break
    return events


def _coded_note(
    hadm_id: int, note: dict[str, Any], event: Event, subset: str, language: str
) -> CodedNote:
    note_id = f"mdace-{subset.lower()}-{hadm_id}-{note['note_id']}"
    if (event.hadm_id, event.category) != (hadm_id, note["category"].strip()):
        raise CorpusError(
            f"The row of note {note_id} belongs to another admission or category. Use NOTEEVENTS "
            "of MIMIC-III v1.4; other versions count their rows otherwise."
        )
    evidence = tuple(_evidence(note_id, event.text, a) for a in note["annotations"])
    return CodedNote(
        Note(
            note_id,
            event.text,
            note_type=event.category,
            language=language,
            patient_id=event.patient_id,
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


def _mapped(chart: dict[str, Any], mappings: Sequence[str]) -> dict[str, Any]:
    """Return a chart with the annotations whose codes were mapped in one of these ways."""
    notes = [
        note | {"annotations": [a for a in note["annotations"] if _mapping(a) in mappings]}
        for note in chart["notes"]
    ]
    return chart | {"notes": notes}


def _mapping(annotation: dict[str, Any]) -> str:
    return str(annotation.get("type", "Human")).removeprefix("MapType.")


def _require_whole_words(notes: Sequence[CodedNote]) -> None:
    """Refuse texts in which too many spans begin or end within a word."""
    spans = [(c.note.text, s) for c in notes for e in c.evidence for s in e.spans]
    n_cut = sum(_cuts(text, span) for text, span in spans)
    if n_cut > len(spans) * _MOST_CUT:
        raise CorpusError(
            f"{n_cut} of {len(spans)} spans begin or end within a word: the offsets are of another "
            "text. Use NOTEEVENTS of MIMIC-III v1.4 as it is, with its line ends."
        )


def _cuts(text: str, span: Span) -> bool:
    before, first = text[span.start - 1 : span.start], text[span.start]
    last, after = text[span.end - 1], text[span.end : span.end + 1]
    return (before.isalnum() and first.isalnum()) or (last.isalnum() and after.isalnum())
