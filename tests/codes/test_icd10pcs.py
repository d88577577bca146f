from pathlib import Path

import pytest

from cac.codes.icd10pcs import Icd10pcs, load_icd10pcs
from cac.codes.pcs_search import PcsSearch
from cac.codes.pcs_tables import read_tables
from cac.errors import CodeSetError, UnknownCodeError


def _axis(pos: int, title: str, labels: dict[str, str]) -> str:
    inner = "".join(f'<label code="{char}">{label}</label>' for char, label in labels.items())
    return f'<axis pos="{pos}" values="{len(labels)}"><title>{title}</title>{inner}</axis>'


def _row(parts: dict[str, str], approaches: dict[str, str], qualifiers: dict[str, str]) -> str:
    axes = [
        _axis(4, "Body Part", parts),
        _axis(5, "Approach", approaches),
        _axis(6, "Device", {"Z": "No Device"}),
        _axis(7, "Qualifier", qualifiers),
    ]
    n_codes = len(parts) * len(approaches) * len(qualifiers)
    return f'<pcsRow codes="{n_codes}">{"".join(axes)}</pcsRow>'


def _table(char: str, operation: str, *rows: str) -> str:
    head = _axis(1, "Section", {"0": "Medical and Surgical"})
    head += _axis(2, "Body System", {"F": "Hepatobiliary System"})
    return f"<pcsTable>{head}{_axis(3, 'Operation', {char: operation})}{''.join(rows)}</pcsTable>"


_OPEN, _SCOPE = {"0": "Open"}, {"4": "Percutaneous Endoscopic"}
_TABLES = (
    "<ICD10PCS.tabular><version>2031</version>"
    + _table(
        "T",
        "Resection",
        _row({"4": "Gallbladder", "G": "Pancreas"}, _OPEN | _SCOPE, {"Z": "No Qualifier"}),
    )
    + _table(
        "B",
        "Excision",
        _row({"4": "Gallbladder"}, _OPEN, {"X": "Diagnostic", "Z": "No Qualifier"}),
        _row({"G": "Pancreas"}, _SCOPE, {"Z": "No Qualifier"}),
    )
    + "</ICD10PCS.tabular>"
)
_INDEX = """<ICD10PCS.index><version>2031</version><letter><title>C</title>
<mainTerm><title>Cholecystectomy</title><term level="1"><see>Resection, Gallbladder
<codes>0FT4</codes></see></term></mainTerm></letter></ICD10PCS.index>"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAC_CODE_SETS", str(tmp_path))
    monkeypatch.setenv("CAC_CACHE", str(tmp_path / "cache"))
    load_icd10pcs.cache_clear()
    (tmp_path / "icd10pcs_tables_2031.xml").write_text(_TABLES)
    (tmp_path / "icd10pcs_index_2031.xml").write_text(_INDEX)
    (tmp_path / "body_part_key.json").write_text('{"data": {"Head of bile sac": ["Gallbladder"]}}')
    return tmp_path


@pytest.fixture
def pcs(folder: Path) -> Icd10pcs:
    return load_icd10pcs()


def test_every_code_of_every_row_is_valid_and_no_other(pcs: Icd10pcs) -> None:
    codes = list(pcs)

    assert len(pcs) == len(set(codes)) == 7
    assert all(map(pcs.is_valid, codes))
    assert pcs.is_valid("0ft44zz")
    assert pcs.labels("0FT44ZZ")[4] == ("Approach", "Percutaneous Endoscopic")
    assert pcs.title("0FB40ZX").startswith("Excision: Gallbladder, Open, Diagnostic")


@pytest.mark.parametrize(
    ("code", "position", "said"),
    [
        ("0FT44ZX", 7, "qualifier X is not allowed here; 0FT44Z allows Z (No Qualifier)"),
        ("0FBG0ZZ", 5, "approach 0 is not allowed here; 0FBG allows 4"),
        ("0FT9", 4, "body part 9 is not allowed here; 0FT allows 4 (Gallbladder), G (Pancreas)"),
        ("0FT4", 5, "incomplete: choose the approach from 0 (Open)"),
        ("0FT44ZZZ", 7, "has 8 characters"),
        ("0FO44ZZ", 3, "I and O are never used"),
        ("OFT44ZZ", 1, "I and O are never used"),
        ("0FX44ZZ", 3, "no table '0FX'; after '0F' it has B (Excision), T (Resection)"),
        ("9", 1, "after '' it has 0 (Medical and Surgical)"),
        ("", 1, "after '' it has 0"),
    ],
)
def test_a_refused_code_names_the_place_and_what_is_allowed(
    pcs: Icd10pcs, code: str, position: int, said: str
) -> None:
    checked = pcs.check(code)

    assert not checked.valid
    assert checked.position == position
    assert said in checked.message


def test_the_rows_that_do_allow_the_value_come_with_the_refusal(pcs: Icd10pcs) -> None:
    (row,) = pcs.check("0FBG0ZZ").rows

    assert "body part 4 (Gallbladder)" in str(row)
    assert row.allows("40ZZ")


def test_a_code_is_built_from_words_or_characters(pcs: Icd10pcs) -> None:
    code = pcs.build("0", "hepatobiliary system", "Resection", "gallbladder", "4", "z", "z")

    assert code == "0FT44ZZ"
    with pytest.raises(UnknownCodeError, match="After '0FT' there is no 'Heart': 4"):
        pcs.build("0", "F", "T", "Heart")
    with pytest.raises(UnknownCodeError, match="has 3 characters"):
        pcs.build("0", "F", "T")
    with pytest.raises(UnknownCodeError, match="qualifier X"):
        pcs.title("0FT44ZX")


def test_search_reads_labels_index_and_body_part_key(pcs: Icd10pcs) -> None:
    search = PcsSearch.load(pcs)

    assert search.search("excision of pancreas", 1)[0].key == "0FBG"
    assert search.search("cholecystectomy", 1)[0].key == "0FT4"
    assert search.search("resection head of bile sac", 1)[0].key == "0FT4"
    assert search.search("", 5) == []


@pytest.mark.parametrize(
    "text", [_TABLES[:300], _TABLES.replace('codes="4"', 'codes="5"'), "<other/>"]
)
def test_damaged_tables_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "icd10pcs_tables_2031.xml"
    path.write_text(text)

    with pytest.raises(CodeSetError, match="icd10pcs_tables_2031"):
        read_tables(path)


def test_without_tables_the_message_says_where_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAC_CODE_SETS", str(tmp_path / "none"))
    monkeypatch.setenv("CAC_CACHE", str(tmp_path / "none"))
    load_icd10pcs.cache_clear()

    with pytest.raises(
        CodeSetError, match=r"No ICD-10-PCS tables.*CAC_CODE_SETS.*cac codes import"
    ):
        load_icd10pcs()
