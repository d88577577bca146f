"""The invented hospital has the true schema and every oddity that the loaders meet."""

import json
import re
from collections import Counter

import pytest

from cac.cli import main
from cac.corpus.mimic.fixture import invent
from cac.corpus.mimic.fixture.hospital import words
from cac.corpus.mimic.fixture.iii import Size, note_rows, note_text
from cac.corpus.mimic.schema import MIMIC_III, MIMIC_IV
from cac.errors import InputError, SettingsError


def bytes_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_seed_gives_the_same_files(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        invent(tmp_path / name, n_admissions=40, seed=seed)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert bytes_of(tmp_path / "a") != bytes_of(tmp_path / "c")


@pytest.mark.parametrize("name", [*MIMIC_III, *MIMIC_IV])
def test_every_column_stands_in_its_true_order(rows, name):
    assert list(rows(name)[0]) == (MIMIC_III | MIMIC_IV)[name]


def test_oddities_of_the_notes(rows):
    notes = rows("NOTEEVENTS")
    summaries = [row for row in notes if row["CATEGORY"] == "Discharge summary"]
    texts = [row["TEXT"] for row in summaries]
    assert len({row["HADM_ID"] for row in summaries}) < len(summaries)  # several a stay
    assert max(Counter((r["HADM_ID"], r["TEXT"]) for r in summaries).values()) == 2  # duplicates
    assert {row["DESCRIPTION"] for row in summaries} == {"Report", "Addendum"}
    assert any(row["HADM_ID"] == "" for row in summaries)
    assert any(row["ISERROR"] == "1" for row in summaries)
    assert any(text.strip() == "" for text in texts)
    assert any("\r\n" in text for text in texts)
    assert any('"I feel fine, thanks"' in text for text in texts)
    assert any("Expired" in text for text in texts)
    assert all("[**" in text for text in texts if text.strip())
    assert all(re.search(r"^Allergies: \r?$", t, re.MULTILINE) for t in texts if "Allergies" in t)
    assert {row["CATEGORY"] for row in notes} == {"Discharge summary", "Physician ", "ECG"}
    in_order = [row["HADM_ID"] for row in summaries]
    assert in_order != sorted(in_order)
    texts_iv = [row["text"] for row in rows("note/discharge")]
    assert all("___" in text for text in texts_iv if text.strip())


def test_oddities_of_stays_and_codes(rows):
    stays = {row["HADM_ID"] for row in rows("ADMISSIONS")}
    assert stays - {r["HADM_ID"] for r in rows("NOTEEVENTS") if r["CATEGORY"][0] == "D"}
    codes = rows("DIAGNOSES_ICD")
    assert any(row["SEQ_NUM"] == row["ICD9_CODE"] == "" for row in codes)
    assert any(row["SEQ_NUM"] == "" != row["ICD9_CODE"] for row in codes)
    assert {row["ICD9_CODE"][:1] for row in codes} >= {"E", "V", "0"}
    assert any(row["ICD9_CODE"].startswith("0") for row in rows("PROCEDURES_ICD"))
    assert (
        max(Counter((r["HADM_ID"], r["ICD9_CODE"]) for r in codes if r["ICD9_CODE"]).values()) > 1
    )
    assert any(row["CPT_CD"].endswith(" ") for row in rows("CPTEVENTS"))
    assert any(row["icd_code"].endswith(" ") for row in rows("hosp/diagnoses_icd"))
    assert any(row["icd_code"] == "NoDx" for row in rows("hosp/diagnoses_icd"))
    assert any(row["hcpcs_cd"] == "" for row in rows("hosp/hcpcsevents"))
    assert {row["icd_version"] for row in rows("hosp/diagnoses_icd")} == {"9", "10"}
    assert {row["HOSPITAL_EXPIRE_FLAG"] for row in rows("ADMISSIONS")} == {"0", "1"}
    assert all(
        bool(r["DEATHTIME"]) is (r["HOSPITAL_EXPIRE_FLAG"] == "1") for r in rows("ADMISSIONS")
    )


def test_annotations_stand_on_their_words(hospital):
    folder, invented = hospital
    size = Size(1_500, 1)
    texts = {r.row_id: note_text(r, 3, size) for r in note_rows(invented.iii, 3, size)}
    known = {term.words for kind in ("diagnoses", "procedures") for term in words()[kind]}
    n_found = 0
    for path in (folder / "mdace/data").rglob("*.json"):
        for note in json.loads(path.read_text(encoding="utf-8"))["notes"]:
            for found in note["annotations"]:
                assert texts[note["note_id"]][found["begin"] : found["end"]] in known
                n_found += 1
    assert n_found > 100


def test_wrong_wishes_are_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"3 admissions asked for. Allowed: 40 or more"):
        invent(tmp_path, n_admissions=3)
    with pytest.raises(SettingsError, match=r"Unknown layout 'tar'. Known: mirror, zip, csv"):
        invent(tmp_path, layout="tar")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        invent(tmp_path / "file")


@pytest.mark.parametrize("layout", ["mirror", "zip", "csv"])
def test_every_layout_is_found_and_passes_the_check(tmp_path, layout, capsys):
    invent(tmp_path, n_admissions=40, layout=layout, version="3.1")
    names = ("mimiciii_full", "mimiciv_icd10", "mimiciv", "mdace")
    asked = [part for name in names for part in ("--corpus", name)]
    assert main(["corpus", "check", "--data", str(tmp_path), *asked]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert len(lines) == 12
    assert {line[-1] for line in lines} == {"ok"}
