"""Codes by admission, against a plain reading with the csv module."""

from collections import Counter, defaultdict

import pytest

from cac.coding import Code, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.corpus.mimic.codes import read_codes
from cac.corpus.mimic.databases import III, IV
from cac.errors import CorpusError

ALL = tuple(CodeSystem)


def reference_iii(rows):
    """Return the codes of each admission of MIMIC-III by name of the table, in order."""
    found = defaultdict(list)
    for name, system in (("DIAGNOSES", CodeSystem.ICD9CM), ("PROCEDURES", CodeSystem.ICD9PCS)):
        read = sorted(rows(f"{name}_ICD"), key=lambda row: float(row["SEQ_NUM"] or "inf"))
        for row in read:
            if row["ICD9_CODE"]:
                found[int(row["HADM_ID"])].append(canonical_code(system, row["ICD9_CODE"]))
    for row in rows("CPTEVENTS"):
        system = CodeSystem.CPT if row["CPT_CD"][0].isdigit() else CodeSystem.HCPCS
        found[int(row["HADM_ID"])].append(canonical_code(system, row["CPT_CD"]))
    return {admission: tuple(dict.fromkeys(codes)) for admission, codes in found.items()}


def test_codes_of_mimic_iii_are_those_of_the_files_in_order(folder, rows):
    codes = III.codes(folder, ALL)
    reference = reference_iii(rows)
    stays = [int(row["HADM_ID"]) for row in rows("ADMISSIONS")]
    assert {stay: codes.of(stay) for stay in stays} == {
        stay: reference.get(stay, ()) for stay in stays
    }
    values = {code.value for found in reference.values() for code in found}
    assert values >= {"042", "038.9", "E885.9", "V58.61", "00.66", "03.31", "0001F", "G0378"}
    assert not {"42", "38.9", "3.31", "33.1"} & values
    assert codes.of(1) == ()


def test_counts_are_of_admissions(folder, rows):
    codes = III.codes(folder, (CodeSystem.ICD9CM,))
    stays = [int(row["HADM_ID"]) for row in rows("ADMISSIONS")][::2]
    reference = reference_iii(rows)
    counted = Counter(
        code
        for stay in stays
        for code in reference.get(stay, ())
        if code.system is CodeSystem.ICD9CM
    )
    assert codes.counts(stays) == counted


def test_versions_of_mimic_iv_are_told_apart(folder, rows):
    codes = IV.codes(folder, ALL)
    versions = {int(r["hadm_id"]): r["icd_version"] for r in rows("hosp/diagnoses_icd")}
    for admission, version in versions.items():
        systems = {code.system for code in codes.of(admission)} - {CodeSystem.CPT, CodeSystem.HCPCS}
        assert {system.value.split("-")[1] for system in systems} == {version}
    first = rows("hosp/diagnoses_icd")
    principal = {int(r["hadm_id"]): r for r in first if r["seq_num"] == "1"}
    for admission, row in principal.items():
        assert codes.of(admission)[0].value.replace(".", "") == row["icd_code"].strip()


def test_systems_that_are_not_wanted_are_not_read(folder):
    codes = IV.codes(folder, (CodeSystem.ICD10PCS,))
    assert {code.system for code in codes.counts(IV.patients(folder))} == {CodeSystem.ICD10PCS}


def write(folder, lines):
    path = folder / "DIAGNOSES_ICD.csv"
    path.write_text("ROW_ID,SUBJECT_ID,HADM_ID,SEQ_NUM,ICD9_CODE\n" + "".join(lines))
    return [(path, III.tables[0])]


def test_rows_without_a_code_are_told_and_left_out(tmp_path):
    rows = [f"{n},1,{n},1,4019\n" for n in range(300)]
    told = []
    tables = write(tmp_path, [*rows, "301,1,7,2,no code at all\n", "302,1,7,,\n"])
    codes = read_codes(tables, ALL, told.append)
    assert codes.of(7) == (Code(CodeSystem.ICD9CM, "401.9"),)
    assert told == ["302 rows of codes: 1 blank and 1 malformed left out"]


def test_a_file_of_something_else_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="2 of 3 rows hold no code") as raised:
        read_codes(write(tmp_path, ["1,1,7,1,a name\n", "2,1,7,2,x\n", "3,1,7,3,4019\n"]), ALL)
    assert "a name" not in str(raised.value)


def test_an_empty_table_has_no_codes(tmp_path):
    codes = read_codes(write(tmp_path, []), ALL)
    assert codes.of(7) == ()
    assert codes.counts([7]) == Counter()
