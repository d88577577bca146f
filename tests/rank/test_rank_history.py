"""Past diseases become history codes, chronic ones stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cac.note import Assertion, Setting

if TYPE_CHECKING:
    from tests.rank.conftest import Scene

PAST = Assertion.HISTORICAL


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        ("breast cancer", "C50.912", "Z85.3"),
        ("colon cancer", "C18.7", "Z85.038"),
        ("melanoma", "C43.9", "Z85.820"),
        ("myocardial infarction", "I21.9", "I25.2"),
        ("stroke", "I63.9", "Z86.73"),
        ("TIA", "G45.9", "Z86.73"),
        ("pulmonary embolism", "I26.99", "Z86.711"),
        ("deep vein thrombosis", "I82.409", "Z86.718"),
        ("COVID", "U07.1", "Z86.16"),
        ("pneumonia", "J18.9", "Z87.01"),
        ("urinary tract infections", "N39.0", "Z87.440"),
        ("kidney stones", "N20.0", "Z87.442"),
        ("peptic ulcer", "K27.9", "Z87.11"),
        ("hip fracture", "S72.001A", "Z87.81"),
        ("smoking", "F17.210", "Z87.891"),
        ("alcohol dependence", "F10.20", "F10.21"),
        ("preterm labor", "O60.00", "Z87.51"),
        ("colon polyps", "K63.5", "Z86.0100"),
        ("tubular adenoma", "D12.6", "Z86.0101"),
        ("diabetes", "E11.9", "E11.9"),
        ("hypertension", "I10", "I10"),
        ("COPD", "J44.9", "J44.9"),
        ("heart failure", "I50.9", "I50.9"),
    ],
)
def test_history_of(scene: Scene, words: str, code: str, expected: str) -> None:
    scene.section("past_medical_history", f"History of {words}.")
    scene.mention(words, code, says=PAST, cue="History of")
    assert scene.codes(Setting.INPATIENT) == [expected]


def test_a_past_sign_is_not_coded(scene: Scene) -> None:
    scene.section("past_medical_history", "History of chest pain.")
    scene.mention("chest pain", "R07.9", says=PAST, cue="History of")
    ranking = scene.rank(min_probability=0.0)
    assert not ranking.suggestions
    assert ranking.rejected[0].rejected_because == "No longer present (“History of”)."


def test_past_history_section_turns_what_passes_but_not_what_stays(scene: Scene) -> None:
    scene.section("past_medical_history", "MI 2015, hypothyroidism, pneumonia.")
    scene.mention("MI", "I21.9").mention("hypothyroidism", "E03.9").mention("pneumonia", "J18.9")
    codes = {s.code.value for s in scene.rank(min_probability=0.0).suggestions}
    assert codes == {"I25.2", "E03.9", "Z87.01"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Breast cancer status post mastectomy, no evidence of disease.", "Z85.3"),
        ("Breast cancer s/p lumpectomy and completed radiation in 2012.", "Z85.3"),
        ("Breast cancer, currently on chemotherapy after s/p mastectomy.", "C50.919"),
        ("Breast cancer with bone metastases.", "C50.919"),
        ("Breast cancer.", "C50.919"),
    ],
)
def test_treated_malignancy(scene: Scene, text: str, expected: str) -> None:
    scene.section("assessment", text).mention("Breast cancer", "C50.919")
    ranking = scene.rank(min_probability=0.0)
    assert [s.code.value for s in ranking.suggestions] == [expected]


def test_recent_infarction_stays_acute(scene: Scene) -> None:
    scene.section("assessment", "History of MI 2 weeks ago.")
    scene.mention("MI", "I21.9", says=PAST, cue="History of")
    assert scene.codes() == ["I21.9"]


def test_repaired_malformation(scene: Scene) -> None:
    scene.section("assessment", "Ventricular septal defect, surgically closed in infancy.")
    scene.mention("Ventricular septal defect", "Q21.0", says=PAST)
    assert scene.codes() == ["Z87.74"]


def test_history_gives_way_to_the_present_disease(scene: Scene) -> None:
    scene.section("past_medical_history", "Pneumonia.").section("assessment", "1. pneumonia.")
    scene.mention("Pneumonia", "J18.9").mention("pneumonia", "J18.9")
    ranking = scene.rank(min_probability=0.0)
    assert [s.code.value for s in ranking.suggestions] == ["J18.9"]
    explained = ranking.explain("Z87.01")
    assert explained is not None
    assert explained.dropped == "J18 is present"


@pytest.mark.parametrize(
    "code",
    ["E11.9", "I10", "J44.9", "I25.10", "I50.9", "N18.30", "J45.909", "G40.909", "G35.D", "M06.9",
     "E03.9", "F32.A", "I48.91", "B18.2", "K21.9", "M81.0", "H40.9", "G20.A1", "D57.1"],
)  # fmt: skip
def test_chronic_diseases_last(scene: Scene, code: str) -> None:
    scene.section("past_medical_history", "History of the disease.")
    scene.mention("the disease", code, says=PAST, cue="History of")
    assert [s.code.value for s in scene.rank(min_probability=0.0).suggestions] == [code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Eczema in infancy, outgrown by school age.", []),
        ("Eczema, now worse; milk allergy outgrown.", ["L30.9"]),
        ("Eczema, milk allergy aside, persists and was not left behind.", ["L30.9"]),
    ],
)
def test_an_outgrown_disease_is_past(scene: Scene, text: str, expected: list[str]) -> None:
    scene.section("assessment", text).mention("Eczema", "L30.9")
    assert [c for c in scene.codes() if c == "L30.9"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Wheeze: had asthma as a child.", "Z87.09"), ("Has had asthma since childhood.", "J45.909")],
)
def test_a_disease_of_childhood_called_past(scene: Scene, text: str, expected: str) -> None:
    scene.section("assessment", text)
    scene.mention("asthma", "J45.909", says=Assertion.HISTORICAL, cue="had")
    ranking = scene.rank(min_probability=0.0)
    assert [s.code.value for s in ranking.suggestions] == [expected]
