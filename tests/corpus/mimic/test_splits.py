"""Published divisions are read as they are given, and refused where a patient stands twice."""

from collections import Counter

import pyarrow
import pytest
from pyarrow import feather

from cac.corpus.mimic.splits import Published, require_no_leak
from cac.errors import CorpusError

LISTS = Published("mullenbach", "https://example.org", "{}_full_hadm_ids.csv")
TABLE = Published("edin", "https://example.org", "mimiciv_icd10_split.feather")


def write(folder, publisher, **texts):
    home = folder / "mimic_splits" / publisher / "clone" / "data"
    home.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (home / f"{name}_full_hadm_ids.csv").write_text(text)
    return folder


@pytest.mark.parametrize("head", ["", "hadm_id\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lists_of_ids(tmp_path, head, end):
    lists = {"train": "11 12 13", "dev": "21", "test": "31 32"}
    texts = {name: head + ids.replace(" ", end) + end for name, ids in lists.items()}
    division = LISTS.read(write(tmp_path, "mullenbach", **texts))
    assert Counter(division.values()) == {"train": 3, "dev": 1, "test": 2}
    assert division[21] == "dev"


def test_lists_that_are_missing_or_damaged(tmp_path):
    with pytest.raises(CorpusError, match=r"holds no train_full_hadm_ids.csv. Get it from https"):
        LISTS.read(tmp_path)
    write(tmp_path, "mullenbach", train="11\n12\n", dev="12\n", test="13\n")
    with pytest.raises(CorpusError, match="1 admissions stand in two splits"):
        LISTS.read(tmp_path)
    write(tmp_path, "mullenbach", dev="hadm_id,label\n14,4019\n")
    with pytest.raises(CorpusError, match="more than one admission id a line"):
        LISTS.read(tmp_path)


@pytest.mark.parametrize("ending", ["feather", "csv"])
def test_a_table_of_ids_and_splits(tmp_path, ending):
    home = write(tmp_path, "edin") / "mimic_splits" / "edin"
    table = pyarrow.table({"_id": [1, 2, 3], "split": ["train", "val", "test"]})
    path = home / f"mimiciv_icd10_split.{ending}"
    if ending == "feather":
        feather.write_feather(table, path)
    else:
        path.write_text("_id,split\n1,train\n2,val\n3,test\n")
    assert TABLE.read(tmp_path) == {1: "train", 2: "dev", 3: "test"}


@pytest.mark.parametrize(
    "columns",
    [
        {"id": [1], "split": ["train"]},
        {"_id": [1], "split": ["fold 1"]},
        {"_id": ["x"], "split": ["train"]},
    ],
)
def test_another_table_is_refused(tmp_path, columns):
    path = write(tmp_path, "edin") / "mimic_splits/edin/mimiciv_icd10_split.feather"
    feather.write_feather(pyarrow.table(columns), path)
    with pytest.raises(CorpusError, match="has no columns _id and split"):
        TABLE.read(tmp_path)
    path.write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(CorpusError, match="a pointer of Git LFS is not the file itself"):
        TABLE.read(tmp_path)


def test_an_admission_that_stands_twice_is_refused(tmp_path):
    path = write(tmp_path, "edin") / "mimic_splits/edin/mimiciv_icd10_split.feather"
    feather.write_feather(pyarrow.table({"_id": [1, 1], "split": ["train", "test"]}), path)
    with pytest.raises(CorpusError, match="1 admissions stand twice"):
        TABLE.read(tmp_path)


def test_a_leak_is_counted_and_nobody_named():
    patients = {1: 77001, 2: 77001, 3: 77002, 4: 77003}
    require_no_leak({1: "train", 2: "train", 3: "test"}, patients)
    with pytest.raises(CorpusError, match="1 of 3 patients stand in more than one") as raised:
        require_no_leak({1: "train", 2: "test", 3: "test", 4: "dev"}, patients)
    assert "77001" not in str(raised.value)


def test_lists_of_another_release_are_refused():
    with pytest.raises(CorpusError, match="2 of the 3 admissions of the split are not in"):
        require_no_leak({1: "train", 8: "train", 9: "test"}, {1: 5})
