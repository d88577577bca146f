from pathlib import Path

import pytest

from cac.codes import AlphabeticIndex, load_index
from cac.codes.index_source import read_index, split_modifiers
from cac.errors import CodeSetError


@pytest.fixture(scope="module")
def index() -> AlphabeticIndex:
    return load_index()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("Diabetes", "E11.9"),
        ("Pneumonia, lobar", "J18.1"),
        ("Pneumonia, acute", "J18.9"),
        ("Diabetes, type 2, with, nephropathy", "E11.21"),
        ("diabetes, nephropathy", "E11.21"),
        ("Failure, heart, systolic, acute", "I50.21"),
        ("Failure, heart, systolic, acute, and chronic", "I50.23"),
        ("Fibrillation, atrial", "I48.91"),
        ("Fracture, femur, upper end, neck", "S72.00"),
        ("Syndrome, irritable bowel", "K58.9"),
        ("Abdominalgia", "R10.9"),
    ],
)
def test_a_path_leads_to_the_code(index: AlphabeticIndex, path: str, code: str) -> None:
    assert index.lookup(path)[0].code == code


def test_every_table_is_there(index: AlphabeticIndex) -> None:
    tables = {entry.table for entry in index}

    assert tables == {"index", "neoplasm", "drug", "external"}
    assert len(index.sources) == 4
    assert all(len(source.sha256) == 64 for source in index.sources)


def test_levels_and_nonessential_modifiers_stand_side_by_side(index: AlphabeticIndex) -> None:
    assert all(len(entry.path) == len(entry.nonessential) for entry in index)
    assert not any(level.startswith("Note:") for entry in index for level in entry.path)
    assert not any(entry.code.endswith(("-", ".")) for entry in index)


def test_a_reference_is_resolved_in_the_right_table(index: AlphabeticIndex) -> None:
    (skin,) = index.resolve("Neoplasm, skin, benign")
    assert (skin.table, skin.path[-1], skin.code) == ("neoplasm", "benign", "D23.9")

    poisoning = index.resolve("Table of Drugs and Chemicals, lead")
    assert {entry.table for entry in poisoning} == {"drug"}

    assert index.resolve("condition") == []
    assert index.resolve("no such term") == []


def test_a_see_entry_answers_with_its_target_unless_told_not_to(index: AlphabeticIndex) -> None:
    (unresolved,) = index.lookup("Abdominalgia", follow=False)

    assert (unresolved.code, unresolved.see) == ("", "Pain, abdominal")
    assert [entry.code for entry in index.resolve(unresolved.see)] == ["R10.9"]


def test_most_references_of_the_disease_index_name_a_place(index: AlphabeticIndex) -> None:
    references = sorted({e.see for e in index if e.table == "index" and e.see})[::40]

    resolved = sum(bool(index.resolve(reference)) for reference in references)

    assert resolved / len(references) > 0.75


def test_with_entries_hold_the_presumed_links(index: AlphabeticIndex) -> None:
    linked = {entry.path[2:]: entry.code for entry in index.associated("Diabetes, type 2")}

    assert linked[("with", "chronic kidney disease")] == "E11.22"


def test_all_below_a_path_is_listed(index: AlphabeticIndex) -> None:
    codes = {entry.code for entry in index.under("Neoplasm, breast", table="neoplasm")}

    assert {"C50.1", "C79.81"} <= codes


def test_drug_columns_name_their_kind(index: AlphabeticIndex) -> None:
    found = {e.path[-1]: e.code for e in index.lookup("Warfarin", table="drug")}

    assert found["adverse effect"] == "T45.515"
    assert found["poisoning self-harm"] == "T45.512"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("(acute) (of (the) eye)", ["acute", "of (the) eye"], ""),
        ("(on) chronic (congestive)", ["on", "congestive"], "chronic"),
        ("Amnes (t)ic", [], "Amnestic"),
    ],
)
def test_words_outside_the_brackets_belong_to_the_title(
    text: str, inside: list[str], outside: str
) -> None:
    assert split_modifiers(text) == (inside, outside)


_INDEX = """<ICD10CM.index><version>2031</version><title>INDEX TO DISEASES</title>
<letter><title>F</title><mainTerm><title>Fever <nemod>(high)</nemod></title><code>R50.9</code>
<term level="1"><title>Note: not a level</title>
<term level="2"><title>of heroes</title><see>Fever</see></term></term>
<term level="1"><title>glued</title><seeAlso>Chill, damp A68.9</seeAlso></term>
<term level="1"><title>open</title><code>A96.-</code></term>
</mainTerm></letter></ICD10CM.index>"""


def test_an_index_file_is_read_with_its_faults_mended(tmp_path: Path) -> None:
    path = tmp_path / "index.xml"
    path.write_text(_INDEX)

    table, release, rows = read_index(path)

    assert (table, release) == ("index", "2031")
    assert rows == [
        ("0", "Fever", "high", "", "", "", "R50.9"),
        ("2", "of heroes", "", "Fever", "", "", ""),
        ("1", "glued", "", "", "Chill, damp", "", "A68.9"),
        ("1", "open", "", "", "", "", "A96"),
    ]


@pytest.mark.parametrize("text", ["<ICD10CM.index><version>", "<other/>", ""])
def test_a_damaged_index_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "half.xml"
    path.write_text(text)

    with pytest.raises(CodeSetError, match=r"half\.xml"):
        read_index(path)
