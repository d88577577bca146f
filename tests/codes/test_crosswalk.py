import json
from pathlib import Path

import pytest

from cac.codes.crosswalk import ccsr_category, load_ccsr, load_gem
from cac.codes.icd9 import load_icd9, read_icd9
from cac.codes.importing import import_file
from cac.codes.values import normalise_for, normalise_icd9, normalise_icd9_procedure
from cac.coding import CodeSystem
from cac.errors import CodeSetError, SettingsError, UnknownCodeError

_HEAD = '"icd9cm","icd10cm","flags","approximate","no_map","combination","scenario","choice_list"\n'
_GEM = _HEAD + "".join(
    f'"{source}","{target}","{flags}",0,0,0,0,0\n'
    for source, target, flags in [
        ("25000", "E119", "10000"),
        ("0010", "A000", "00000"),
        ("36570", "NoDx", "11000"),
        ("0730", "A70", "10111"),
        ("0730", "J17", "10112"),
        ("0730", "J18", "10112"),
        ("0730", "A71", "10121"),
        ("E8800", "W10", "10000"),
        ("042", "B20", "00000"),
    ]
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAC_CODE_SETS", str(tmp_path))
    monkeypatch.setenv("CAC_CACHE", str(tmp_path / "cache"))
    load_ccsr.cache_clear()
    (tmp_path / "icd9toicd10cmgem.csv").write_text(_GEM)
    (tmp_path / "dx_cat1_mapping.json").write_text(json.dumps({"E119": "END002"}))
    return tmp_path


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("25000", "250.00"),
        ("042", "042"),
        ("e8800", "E880.0"),
        ("V3000", "V30.00"),
        ("0010", "001.0"),
    ],
)
def test_icd9_diagnoses_keep_their_zeros_and_get_their_dot(written: str, value: str) -> None:
    assert normalise_icd9(written) == value == normalise_icd9(value)


def test_each_system_has_its_own_form() -> None:
    assert normalise_icd9_procedure("0066") == "00.66"
    assert normalise_for(CodeSystem.ICD10CM, "e119") == "E11.9"
    assert normalise_for(CodeSystem.ICD9PCS, "3893") == "38.93"
    assert normalise_for(CodeSystem.ICD10PCS, "0ft44zz") == "0FT44ZZ"


def test_a_mapping_keeps_flags_scenarios_and_choice_lists(folder: Path) -> None:
    gem = load_gem(CodeSystem.ICD9CM, CodeSystem.ICD10CM)

    assert gem.map("250.00").single == ("E11.9",)
    assert gem.map("25000").approximate
    assert not gem.map("001.0").approximate
    assert gem.map("365.70").no_map
    assert gem.map("0730").scenarios == ((("A70",), ("J17", "J18")), (("A71",),))
    assert gem.map("0730").single == ()


def test_what_cannot_be_mapped_is_named(folder: Path) -> None:
    with pytest.raises(UnknownCodeError, match="999"):
        load_gem(CodeSystem.ICD9CM, CodeSystem.ICD10CM).map("999")
    with pytest.raises(SettingsError, match="Known: ICD-10-CM to ICD-9-CM"):
        load_gem(CodeSystem.CPT, CodeSystem.ICD10CM)
    with pytest.raises(CodeSetError, match="No GEM from ICD-10-CM"):
        load_gem(CodeSystem.ICD10CM, CodeSystem.ICD9CM)


def test_a_damaged_gem_is_refused(folder: Path) -> None:
    (folder / "icd9toicd10cmgem.csv").write_text(_GEM[:-20])

    with pytest.raises(CodeSetError, match="Download it again"):
        load_gem(CodeSystem.ICD9CM, CodeSystem.ICD10CM)


def test_ccsr_gives_the_default_category(folder: Path) -> None:
    assert ccsr_category("E11.9") == "END002"
    with pytest.raises(UnknownCodeError, match=r"G35\.A"):
        ccsr_category("G35.A")


def test_icd9_titles_come_from_the_users_dictionary(folder: Path) -> None:
    path = folder / "D_ICD_DIAGNOSES.csv"
    path.write_text(
        '"ROW_ID","ICD9_CODE","SHORT_TITLE","LONG_TITLE"\n1,"042","S","Invented title"\n'
    )

    import_file(path, system="icd9cm")
    icd9 = load_icd9()

    assert icd9.title("042") == "Invented title"
    assert icd9.is_valid("E8800")
    assert icd9.title("250.00") == ""
    assert not icd9.is_valid("999.99")
    assert icd9.is_well_formed("99999")
    with pytest.raises(UnknownCodeError, match=r"999\.99"):
        icd9.title("99999")


def test_of_the_dictionary_of_mimic_iv_version_9_is_taken(folder: Path) -> None:
    path = folder / "d_icd_diagnoses.csv"
    path.write_text('icd_code,icd_version,long_title\n0010   ,9,"One, invented"\nA000,10,Another\n')

    assert read_icd9(path, CodeSystem.ICD9CM) == {"001.0": "One, invented"}


def test_icd9_procedures_need_an_import(folder: Path) -> None:
    with pytest.raises(CodeSetError, match="No ICD-9-PCS codes are at hand"):
        load_icd9(CodeSystem.ICD9PCS)

    path = folder / "CMS32.txt"
    path.write_text("0066 Invented procedure\n3893 Another\n")
    import_file(path, system="icd9pcs")

    assert load_icd9(CodeSystem.ICD9PCS).title("0066") == "Invented procedure"


def test_a_list_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("HELLO world\n")

    with pytest.raises(CodeSetError, match="of another shape"):
        read_icd9(path, CodeSystem.ICD9CM)
