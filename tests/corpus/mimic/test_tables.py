"""Tables as text, whatever their size; folders as PhysioNet gives them."""

import gzip

import pytest

from cac.corpus.mimic.folders import MIMIC_III, MIMIC_IV
from cac.corpus.mimic.tables import numbers, read_table
from cac.errors import CorpusError

SECRET = "Jane Roe"
HEAD = '"ROW_ID","HADM_ID","TEXT"\n'


def write(path, text):
    data = text.encode("latin-1")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(path, *columns, **options):
    batches = list(read_table(path, columns, **options))
    return [row for b in batches for row in zip(*(c.to_pylist() for c in b.columns), strict=True)]


@pytest.mark.parametrize("name", ["NOTES.csv", "NOTES.csv.gz"])
def test_values_stay_text_with_zeros_blanks_quotes_and_line_ends(tmp_path, name):
    text = HEAD + '1,,"042 "\n2,7,"say ""no"",\r\n\nNA"\n3,8,\n'
    path = write(tmp_path / name, text)
    assert read(path, "text", "hadm_id") == [
        ("042 ", ""),
        ('say "no",\r\n\nNA', "7"),
        ("", "8"),
    ]


def test_progress_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("cac.corpus.mimic.tables._REPORT_ROWS", 2)
    monkeypatch.setattr("cac.corpus.mimic.tables._BLOCK_BYTES", 64)
    told = []
    path = write(tmp_path / "NOTES.csv", HEAD + "".join(f"{n},5,some words\n" for n in range(20)))
    assert len(read(path, "TEXT", report=told.append)) == 20
    assert len(told) > 2
    assert told[-1].startswith("NOTES.csv: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + f"1,2,{SECRET},surplus\n", "damaged or cut off after row 0"),
        (HEAD + f"1,2,{SECRET} caf\xe9\n", "not UTF-8"),
        (f"1,2,{SECRET}\n", "has no column HADM_ID, TEXT among 3"),
        ("", "has no column HADM_ID, TEXT among 0"),
    ],
)
def test_damage_is_named_without_a_word_of_a_note(tmp_path, text, message):
    path = write(tmp_path / "NOTES.csv", text)
    with pytest.raises(CorpusError, match=message) as raised:
        read(path, "HADM_ID", "TEXT")
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_half_a_download_is_named(tmp_path):
    path = write(
        tmp_path / "NOTES.csv.gz", HEAD + "".join(f"{n},5,{n * n}\n" for n in range(9_999))
    )
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(CorpusError, match="cut off"):
        read(path, "TEXT")
    path.write_bytes(b"not compressed")
    with pytest.raises(CorpusError, match="has no column TEXT"):
        read(path, "TEXT")


def test_ids_are_numbers_or_missing(tmp_path):
    path = write(tmp_path / "NOTES.csv", HEAD + "1, 12 ,x\n2,,x\n")
    [batch] = read_table(path, ["HADM_ID"])
    assert numbers(batch.column(0)).to_pylist() == [12, -1]
    path = write(tmp_path / "NOTES.csv", HEAD + f"1,{SECRET},x\n")
    [batch] = read_table(path, ["HADM_ID"])
    with pytest.raises(CorpusError, match="holds other values") as raised:
        numbers(batch.column(0))
    assert SECRET not in str(raised.value)


def test_a_table_is_found_at_any_depth_of_a_download(tmp_path, monkeypatch):
    monkeypatch.delenv("CAC_MIMIC_IV", raising=False)
    with pytest.raises(
        CorpusError, match=r"No hosp/diagnoses_icd.csv.gz of MIMIC-IV.*CAC_MIMIC_IV"
    ):
        MIMIC_IV.table(tmp_path, "hosp/diagnoses_icd")
    new = write(tmp_path / "files/mimiciv/3.1/hosp/diagnoses_icd.csv.gz", "")
    assert MIMIC_IV.table(tmp_path, "hosp/diagnoses_icd") == new
    old = write(tmp_path / "files/mimiciv/2.2/hosp/diagnoses_icd.csv", "")
    with pytest.raises(CorpusError, match=r"stands in .*2.2/hosp, .*3.1/hosp. Set CAC_MIMIC_IV"):
        MIMIC_IV.table(tmp_path, "hosp/diagnoses_icd")
    note = write(tmp_path / "files/mimic-iv-note/2.2/note/discharge.csv.gz", "")
    homes = f"{old.parents[1]}:{note.parents[1]}"
    monkeypatch.setenv("CAC_MIMIC_IV", homes)
    assert MIMIC_IV.table(tmp_path, "hosp/diagnoses_icd") == old
    assert MIMIC_IV.table(tmp_path, "note/discharge") == note


def test_the_packed_file_is_taken_where_both_stand(tmp_path, monkeypatch):
    monkeypatch.setenv("CAC_MIMIC_III", str(tmp_path))
    write(tmp_path / "NOTEEVENTS.csv", "")
    packed = write(tmp_path / "NOTEEVENTS.csv.gz", "")
    assert MIMIC_III.table(tmp_path / "elsewhere", "NOTEEVENTS") == packed
