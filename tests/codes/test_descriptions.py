import pytest

from cac.codes import load_icd10cm
from cac.codes.descriptions import describe
from cac.coding import Code, CodeSystem


def test_a_code_is_described_by_title_inclusion_terms_and_index() -> None:
    codes = [Code(CodeSystem.ICD10CM, v) for v in ("J18.9", "J44.9", "A00.9", "Q99.99")]
    terms = describe(codes, load_icd10cm("2027"))
    assert terms[codes[0]][0] == "Pneumonia, unspecified organism"
    assert "Pneumonia" in terms[codes[0]]
    assert "Chronic obstructive airway disease NOS" in terms[codes[1]]
    assert all(len(set(found)) == len(found) <= 8 for found in terms.values())
    assert terms[codes[3]] == ()


def test_code_sets_that_are_not_at_hand_have_no_terms(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAC_CODE_SETS", str(tmp_path))
    monkeypatch.setenv("CAC_CACHE", str(tmp_path))
    systems = [s for s in CodeSystem if s is not CodeSystem.ICD10CM]
    terms = describe([Code(system, "1") for system in systems], load_icd10cm("2027"))
    assert len(terms) == 5
    assert terms[Code(CodeSystem.CPT, "1")] == ()
