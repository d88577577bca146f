import csv
import gzip
import io
from importlib import resources
from pathlib import Path

import pytest

from cac.codes.compile import compile_all
from cac.codes.packed import Packed, Source, pack, shipped, unpack
from cac.errors import CodeSetError

_HEADS = {
    "index": "<title>INDEX TO DISEASES</title>",
    "external": "<title>EXTERNAL CAUSE</title>",
    "neoplasm": "<indexHeading><head>Malignant Primary</head></indexHeading>",
    "drug": "<indexHeading><head>Poisoning</head></indexHeading>",
}


@pytest.fixture
def code_sets(tmp_path: Path) -> Path:
    for table, head in _HEADS.items():
        term = (
            "<mainTerm><title>Ague</title><code>A00.1</code><cell col='2'>A00.1</cell></mainTerm>"
        )
        text = (
            f"<ICD10CM.index><version>2030</version>{head}<letter>{term}</letter></ICD10CM.index>"
        )
        (tmp_path / f"{table}.xml").write_text(text)
    _write_list(tmp_path, "2029", {"A001": "Ague", "A002": "Old"})
    _write_list(tmp_path, "2030", {"A001": "Ague, so named", "A003": "New"})
    return tmp_path


def _write_list(folder: Path, year: str, codes: dict[str, str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("code", "description"), *codes.items()])
    (folder / f"icd10cm_fy{year}.csv.gz").write_bytes(gzip.compress(out.getvalue().encode()))


def test_the_same_sources_give_the_same_bytes(code_sets: Path) -> None:
    first, second = compile_all(code_sets), compile_all(code_sets)

    assert first == second
    assert set(first) == {"icd10cm_index.gz", "icd10cm_changes.gz", "publisher_files.gz"}


def test_changes_are_found_between_years(code_sets: Path) -> None:
    packed = unpack(compile_all(code_sets)["icd10cm_changes.gz"], "test")

    assert packed.rows == (
        ("2030", "revised", "A00.1", "Ague", "Ague, so named"),
        ("2030", "deleted", "A00.2", "Old", ""),
        ("2030", "added", "A00.3", "", "New"),
    )
    assert [source.release for source in packed.sources] == ["2029", "2030"]


def test_a_missing_table_is_named(code_sets: Path) -> None:
    (code_sets / "drug.xml").unlink()

    with pytest.raises(CodeSetError, match="No ICD-10-CM drug XML"):
        compile_all(code_sets)


def test_what_ships_is_small_and_names_its_sources() -> None:
    folder = resources.files("cac.codes").joinpath("data")

    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 2_500_000
    for name in ("icd10cm_index", "icd10cm_changes", "publisher_files"):
        assert all(source.publisher and source.sha256 for source in shipped(name).sources)


@pytest.mark.parametrize("cut", [10, -5])
def test_damaged_package_data_is_refused(cut: int) -> None:
    data = pack(Packed("x", "1", (Source("a", "1", "p", "0"),), (("a", "b"),)))

    with pytest.raises(CodeSetError, match="x is damaged"):
        unpack(data[:cut], "x")
