"""Diseases that a drug caused, and the drugs that a disease brings with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cac.codes import Icd10cm
from cac.note import Assertion, Setting
from cac.rank import Convention, Ranker
from cac.rank.ranges import CodeRanges

if TYPE_CHECKING:
    from tests.rank.conftest import Scene


@pytest.mark.parametrize(
    ("disease", "drug", "expected"),
    [
        ("D70.9", "T36.8X5A", ["D70.2", "T36.8X5A"]),
        ("D61.818", "T50.995A", ["D61.811", "T50.995A"]),
        ("G62.9", "T37.1X5A", ["G62.0", "T37.1X5A"]),
        ("R21", "T36.0X5A", ["L27.0", "T36.0X5A"]),
        ("K52.9", "T36.95XA", ["K52.1", "T36.95XA"]),
        ("E27.40", "T38.0X5A", ["E27.3", "T38.0X5A"]),
        ("N17.9", "T39.395A", ["N17.9", "T39.395A"]),
    ],
)
def test_disease_due_to_a_drug(scene: Scene, disease: str, drug: str, expected: list[str]) -> None:
    scene.section("discharge_diagnosis", "1. The illness, a reaction due to the tablet.")
    scene.mention("The illness", disease).mention("the tablet", drug)
    assert scene.codes(Setting.INPATIENT) == expected


def test_a_drug_of_another_sentence_is_not_to_blame(scene: Scene) -> None:
    scene.section("discharge_diagnosis", "1. Colitis.\n2. Itching due to the tablet.")
    scene.mention("Colitis", "K52.9").mention("the tablet", "T36.0X5A")
    assert "K52.9" in scene.codes(Setting.INPATIENT)


def test_poisoning_is_no_adverse_effect() -> None:
    adverse = CodeRanges(["T4?.??5", "T36.?5X"])
    assert "T45.1X5A" in adverse
    assert "T36.95XA" in adverse
    assert "T45.1X1A" not in adverse
    assert "T36.91XA" not in adverse


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("Low counts from chemotherapy.", "D61.818", ["D61.810", "T45.1X5A"]),
        ("Low counts due to weekly cisplatin.", "D70.9", ["D70.1", "T45.1X5A"]),
        ("Paclitaxel-related low counts.", "D64.9", ["D64.81", "T45.1X5A"]),
        ("Low counts not due to chemotherapy.", "D64.9", ["D64.9"]),
        ("Low counts, on chemotherapy.", "D64.9", ["D64.9"]),
    ],
)
def test_cancer_drugs_named_in_words(
    scene: Scene, text: str, code: str, expected: list[str]
) -> None:
    words = "Low counts" if "Low" in text else "low counts"
    scene.section("assessment", text).mention(words, code)
    assert scene.codes() == expected


def test_fever_of_neutropenia(scene: Scene) -> None:
    scene.section("discharge_diagnosis", "1. Neutropenic fever, source not found.")
    scene.mention("Neutropenic", "D70.9").mention("fever", "R50.9")
    assert scene.codes(Setting.INPATIENT) == ["D70.9", "R50.81"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prednisone-induced diabetes.", ["E09.65", "T38.0X5A"]),
        ("Diabetes; rash due to Prednisone.", ["E11.65", "T38.0X5A"]),
    ],
)
def test_diabetes_due_to_a_drug(scene: Scene, text: str, expected: list[str]) -> None:
    word = "Diabetes" if "Diabetes" in text else "diabetes"
    scene.section("assessment", text).mention(word, "E11.65").mention("Prednisone", "T38.0X5A")
    assert sorted(scene.codes()) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Pulmonary hypertension, mild.", "I27.20"), ("Familial pulmonary hypertension.", "I27.0")],
)
def test_pulmonary_hypertension_is_not_primary_unsaid(
    scene: Scene, text: str, expected: str
) -> None:
    words = "Pulmonary hypertension" if text[0] == "P" else "pulmonary hypertension"
    scene.section("assessment", text).mention(words, "I27.0")
    assert scene.codes() == [expected]


@pytest.mark.parametrize(
    ("disease", "drug", "lifted"),
    [
        ("E11.9", "Z79.84", True),
        ("E11.9", "Z79.4", True), ("E10.9", "Z79.4", True), ("I48.91", "Z79.01", True),
        ("I25.10", "Z79.82", True), ("M06.9", "Z79.631", True), ("M10.9", "Z79.4", False),
        ("M10.9", "Z79.01", False), ("I48.91", "Z79.82", False),
    ],
)  # fmt: skip
def test_long_term_drugs_beside_their_disease(
    scene: Scene, disease: str, drug: str, *, lifted: bool
) -> None:
    scene.section("medications", "The drug, daily.").section("assessment", "1. The disease.")
    scene.mention("The drug", drug).mention("The disease", disease)
    assert scene.codes(Setting.INPATIENT) == ([disease, drug] if lifted else [disease])


@pytest.mark.parametrize(("drug", "lifted"), [("Z79.4", True), ("Z79.84", False)])
def test_insulin_is_lifted_in_the_office(scene: Scene, drug: str, *, lifted: bool) -> None:
    scene.section("medications", "The drug, daily.").section("assessment", "1. Diabetes.")
    scene.mention("The drug", drug).mention("Diabetes", "E11.9")
    assert scene.codes() == (["E11.9", drug] if lifted else ["E11.9"])


def test_a_drug_not_taken_now_is_not_lifted(scene: Scene) -> None:
    scene.section("allergies", "Aspirin.").section("assessment", "1. Coronary disease.")
    scene.mention("Aspirin", "Z79.82").mention("Coronary disease", "I25.10")
    explained = scene.rank().explain("Z79.82")
    assert explained is not None
    assert "bound" not in explained.parts


def test_a_drug_not_taken_at_all_is_not_coded(scene: Scene) -> None:
    scene.section("medications", "No insulin.").section("assessment", "1. Diabetes.")
    scene.mention("insulin", "Z79.4", says=Assertion.NEGATED, cue="No")
    scene.mention("Diabetes", "E11.9")
    assert scene.codes() == ["E11.9"]


def test_other_conventions_lift_nothing(icd10cm: Icd10cm, scene: Scene) -> None:
    scene.ranker = Ranker(icd10cm, Convention.load("codiesp"))
    scene.section("assessment", "1. Diabetes.").mention("Diabetes", "E11.9")
    assert all("bound" not in r.parts for r in scene.rank().ranked)
    assert not Convention.load("codiesp").weight("bound")
