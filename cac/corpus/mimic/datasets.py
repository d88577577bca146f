"""The data sets that the literature makes of MIMIC, and divisions by patient for all else.

A data set is a database, code systems, a division and a set of codes. Discharge summaries of
admissions that have no code of the set are left out, as the literature leaves them out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from cac.coding import Code, CodedNote, CodeSystem
from cac.corpus.corpus import Report, silent
from cac.corpus.files import read_text
from cac.corpus.held_out import held_out_charts
from cac.corpus.mimic.codes import AdmissionCodes
from cac.corpus.mimic.databases import III, IV, Database
from cac.corpus.mimic.splits import Division, Published, require_no_leak
from cac.corpus.mimic.summaries import count_notes, read_summaries
from cac.corpus.patients import split_of
from cac.frequency import choose_codes
from cac.note import Note, Setting

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


@dataclass(frozen=True, slots=True)
class Labels:
    """Which codes of the systems count: those in ``min_count`` summaries, or a published list.

    ``counted`` says over which summaries: the literature counts over all, which lets the test set
    decide; ``train`` does not. ``published`` names the shipped list (``top50_mullenbach``), or a
    file of the publisher of the division.
    """

    min_count: int = 1
    counted: Literal["all", "train"] = "all"
    published: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set made of a database; ``division`` None divides by a hash of the patient."""

    name: str
    database: Database
    systems: tuple[CodeSystem, ...]
    division: Published | None
    labels: Labels = Labels()

    def load(self, folder: Path, split: str, language: str) -> list[CodedNote]:
        """Return the notes of a split."""
        return list(self.stream(folder, split, language, silent))

    def stream(
        self, folder: Path, split: str, language: str, report: Report
    ) -> Iterator[CodedNote]:
        """Yield the notes of a split, in the order in which the file completes them.

        Raises:
            CorpusError: a file is missing or damaged, or a patient stands in two splits.
        """
        database = self.database
        path = database.release.table(folder, database.notes.name)
        division = self.divide(folder)
        codes = database.codes(folder, self.systems, report)
        counts = count_notes(path, database.notes, report)
        wanted = frozenset(self._codes(folder, codes, division, counts.keys()))
        here = [admission for admission, name in division.items() if name == split]
        n_missing = sum(admission not in counts for admission in here)
        report(f"{self.name} {split}: {len(here):,} admissions, {n_missing:,} without a summary")
        n_without = 0
        for summary in read_summaries(path, database.notes, counts, here, report):
            kept = tuple(code for code in codes.of(summary.admission) if code in wanted)
            if kept and summary.text:
                note = self._note(summary.admission, summary.patient, summary.text, language)
                yield CodedNote(note, kept)
            else:
                n_without += 1
        report(f"{self.name} {split}: {n_without:,} summaries without a code left out")

    def divide(self, folder: Path) -> Division:
        """Return the split of each admission; refuse a division that leaks."""
        patients = self.database.patients(folder)
        if self.division is None:
            return _by_patient(patients, self.database)
        division = self.division.read(folder)
        require_no_leak(division, patients)
        return division

    def _codes(
        self,
        folder: Path,
        codes: AdmissionCodes,
        division: Division,
        admissions: Iterable[int],
    ) -> Iterable[Code]:
        if self.labels.counted == "train":
            admissions = [a for a in admissions if division.get(a) == "train"]
        counts = codes.counts(admissions)
        if self.labels.published:
            listed = _listed(self.labels.published, self.division, folder)
            return [code for code in counts if _name(code) in listed]
        return choose_codes(counts, min_count=self.labels.min_count)

    def _note(self, admission: int, patient: str, text: str, language: str) -> Note:
        return Note(
            f"{self.database.name}-{admission}",
            text,
            note_type="Discharge summary",
            language=language,
            patient_id=patient,
            encounter_id=str(admission),
            setting=Setting.INPATIENT,
        )


def _by_patient(patients: Mapping[int, int], database: Database) -> Division:
    """Divide by a hash; who is in MDACE's test charts stays in the test split."""
    charts = held_out_charts("mdace") if database is III else frozenset()
    held_out = {patients[chart] for chart in charts if chart in patients}
    return {
        admission: "test" if patient in held_out else split_of(str(patient), SHARES)
        for admission, patient in patients.items()
    }


def _name(code: Code) -> str:
    """Return the code as the published lists write it: ICD-10 without its dot."""
    icd10 = code.system in (CodeSystem.ICD10CM, CodeSystem.ICD10PCS)
    return code.value.replace(".", "") if icd10 else code.value


def _listed(name: str, division: Published | None, folder: Path) -> frozenset[str]:
    if division is not None and "/" in name:
        return frozenset(read_text(division.find(folder, name)).split())
    text = files("cac.corpus.mimic").joinpath(f"{name}.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)["codes"])


_CAML = "https://github.com/jamesmullenbach/caml-mimic (mimicdata/mimic3)"
_EDIN = "https://github.com/JoakimEdin/medical-coding-reproducibility (files/data)"
_NGUYEN = "https://github.com/thomasnguyen92/MIMIC-IV-ICD-data-processing (mimicdata)"
_ICD9 = (CodeSystem.ICD9CM, CodeSystem.ICD9PCS)
_ICD10 = (CodeSystem.ICD10CM, CodeSystem.ICD10PCS)
_SERVICES = (CodeSystem.CPT, CodeSystem.HCPCS)


def _nguyen(version: int, size: str) -> Published:
    return Published("nguyen", _NGUYEN, f"mimic4_icd{version}/{{}}_{size}_hadm_ids.csv")


def _edin(name: str) -> Published:
    return Published("edin", _EDIN, f"{name}.feather")


DATASETS = (
    Dataset("mimiciii", III, (*_ICD9, *_SERVICES), None),
    Dataset("mimiciii_full", III, _ICD9, Published("mullenbach", _CAML, "{}_full_hadm_ids.csv")),
    Dataset(
        "mimiciii_50",
        III,
        _ICD9,
        Published("mullenbach", _CAML, "{}_50_hadm_ids.csv"),
        Labels(published="top50_mullenbach"),
    ),
    Dataset("mimiciii_clean", III, _ICD9, _edin("mimiciii_clean_splits"), Labels(min_count=10)),
    Dataset("mimiciv", IV, (*_ICD9, *_ICD10, *_SERVICES), None),
    Dataset("mimiciv_icd10", IV, _ICD10, _edin("mimiciv_icd10_split"), Labels(min_count=10)),
    Dataset("mimiciv_icd9", IV, _ICD9, _edin("mimiciv_icd9_split"), Labels(min_count=10)),
    Dataset("mimiciv_icd10_nguyen", IV, _ICD10, _nguyen(10, "full")),
    Dataset("mimiciv_icd9_nguyen", IV, _ICD9, _nguyen(9, "full")),
    Dataset(
        "mimiciv_icd10_50",
        IV,
        _ICD10,
        _nguyen(10, "50"),
        Labels(published="mimic4_icd10/TOP_50_CODES.csv"),
    ),
    Dataset(
        "mimiciv_icd9_50",
        IV,
        _ICD9,
        _nguyen(9, "50"),
        Labels(published="mimic4_icd9/TOP_50_CODES.csv"),
    ),
)
