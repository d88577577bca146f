"""MIMIC-III and MIMIC-IV as they are read: which table, which column, which code system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cac.coding import CodeSystem
from cac.corpus.corpus import Report, silent
from cac.corpus.mimic.codes import AdmissionCodes, CodeTable, read_codes
from cac.corpus.mimic.folders import MIMIC_III, MIMIC_IV, Release
from cac.corpus.mimic.remembered import Remembered
from cac.corpus.mimic.summaries import NoteTable
from cac.corpus.mimic.tables import numbers, read_table
from cac.errors import CorpusError

_CODES: Remembered[AdmissionCodes] = Remembered(n_kept=1)
_PATIENTS: Remembered[Mapping[int, int]] = Remembered()


@dataclass(frozen=True, slots=True)
class Database:
    """A database: its notes, its code tables, the tables of admissions and of patients."""

    name: str
    release: Release
    notes: NoteTable
    tables: tuple[CodeTable, ...]
    admissions: str
    people: str

    def codes(
        self, folder: Path, systems: Iterable[CodeSystem], report: Report = silent
    ) -> AdmissionCodes:
        """Return the codes of each admission in some systems."""
        wanted = frozenset(systems)
        tables = [t for t in self.tables if t.systems & wanted]
        files = [(self.release.table(folder, table.name), table) for table in tables]
        paths = [path for path, _ in files]
        return _CODES.get(paths, (self.name, wanted), lambda: read_codes(files, wanted, report))

    def patients(self, folder: Path) -> Mapping[int, int]:
        """Return the patient of each admission.

        Raises:
            CorpusError: an admission is listed for two patients.
        """
        path = self.release.table(folder, self.admissions)
        return _PATIENTS.get([path], self.name, lambda: _patients(path))

    def sexes(self, folder: Path) -> dict[str, str]:
        """Return the recorded sex (``F``, ``M``) of each patient, by ``Note.patient_id``."""
        path = self.release.table(folder, self.people)
        return {
            patient.strip(): sex.strip()
            for batch in read_table(path, ("subject_id", "gender"))
            for patient, sex in zip(*(c.to_pylist() for c in batch.columns), strict=True)
        }


def _patients(path: Path) -> Mapping[int, int]:
    patients: dict[int, int] = {}
    for batch in read_table(path, ("hadm_id", "subject_id")):
        pairs = zip(*(numbers(column).to_pylist() for column in batch.columns), strict=True)
        for admission, patient in pairs:
            if patients.setdefault(admission, patient) != patient:
                raise CorpusError(f"{path}: an admission of two patients. Download it again.")
    return patients


def _icd9_diagnosis(_version: str, _value: str) -> CodeSystem:
    return CodeSystem.ICD9CM


def _icd9_procedure(_version: str, _value: str) -> CodeSystem:
    return CodeSystem.ICD9PCS


def _diagnosis(version: str, _value: str) -> CodeSystem:
    return CodeSystem.ICD9CM if version == "9" else CodeSystem.ICD10CM


def _procedure(version: str, _value: str) -> CodeSystem:
    return CodeSystem.ICD9PCS if version == "9" else CodeSystem.ICD10PCS


def _service(_version: str, value: str) -> CodeSystem:
    """Tell CPT, which begins with a digit, from HCPCS Level II."""
    return CodeSystem.CPT if value[:1].isdigit() else CodeSystem.HCPCS


_SERVICES = frozenset({CodeSystem.CPT, CodeSystem.HCPCS})
_DIAGNOSES = frozenset({CodeSystem.ICD9CM, CodeSystem.ICD10CM})
_PROCEDURES = frozenset({CodeSystem.ICD9PCS, CodeSystem.ICD10PCS})

III = Database(
    "mimiciii",
    MIMIC_III,
    NoteTable(
        "NOTEEVENTS",
        admission="HADM_ID",
        patient="SUBJECT_ID",
        text="TEXT",
        kind="CATEGORY",
        kinds=("Discharge summary",),
        error="ISERROR",
    ),
    (
        CodeTable(
            "DIAGNOSES_ICD", "HADM_ID", "ICD9_CODE", "SEQ_NUM", "", _DIAGNOSES, _icd9_diagnosis
        ),
        CodeTable(
            "PROCEDURES_ICD", "HADM_ID", "ICD9_CODE", "SEQ_NUM", "", _PROCEDURES, _icd9_procedure
        ),
        CodeTable("CPTEVENTS", "HADM_ID", "CPT_CD", "", "", _SERVICES, _service),
    ),
    admissions="ADMISSIONS",
    people="PATIENTS",
)

IV = Database(
    "mimiciv",
    MIMIC_IV,
    NoteTable(
        "note/discharge",
        admission="hadm_id",
        patient="subject_id",
        text="text",
        kind="note_type",
        kinds=("DS", "AD"),
    ),
    (
        CodeTable(
            "hosp/diagnoses_icd",
            "hadm_id",
            "icd_code",
            "seq_num",
            "icd_version",
            _DIAGNOSES,
            _diagnosis,
        ),
        CodeTable(
            "hosp/procedures_icd",
            "hadm_id",
            "icd_code",
            "seq_num",
            "icd_version",
            _PROCEDURES,
            _procedure,
        ),
        CodeTable("hosp/hcpcsevents", "hadm_id", "hcpcs_cd", "seq_num", "", _SERVICES, _service),
    ),
    admissions="hosp/admissions",
    people="hosp/patients",
)
