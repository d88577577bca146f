"""Combination codes: what is coded as one, what is dropped, what comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cac.note import Setting

if TYPE_CHECKING:
    from tests.rank.conftest import Scene


def _codes(scene: Scene, *pairs: tuple[str, str], joined: str = ".\n") -> list[str]:
    scene.section("discharge_diagnosis", joined.join(words for words, _ in pairs) + ".")
    for words, code in pairs:
        scene.mention(words, code)
    return scene.codes(Setting.INPATIENT)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("Diabetes", "E11.9"), ("CKD stage 3b", "N18.32")], ["E11.22", "N18.32"]),
        ([("Diabetes", "E10.9"), ("neuropathy", "G62.9")], ["E10.40"]),
        ([("Diabetes", "E11.9"), ("peripheral neuropathy", "G62.9")], ["E11.42"]),
        ([("Diabetes", "E11.9"), ("PAD", "I73.9")], ["E11.51"]),
        ([("Diabetes", "E11.9"), ("foot ulcer", "L97.519")], ["E11.621", "L97.519"]),
        ([("Diabetes", "E13.9"), ("hyperglycemia", "R73.9")], ["E13.65"]),
        ([("Diabetes", "E11.9"), ("hypoglycemia", "E16.2")], ["E11.649"]),
        ([("Diabetes", "E11.9"), ("gastroparesis", "K31.84")], ["E11.43", "K31.84"]),
        ([("Hypertension", "I10"), ("heart failure", "I50.22")], ["I11.0", "I50.22"]),
        ([("Hypertension", "I10"), ("CKD", "N18.9")], ["I12.9", "N18.9"]),
        ([("Hypertension", "I10"), ("ESRD", "N18.6")], ["I12.0", "N18.6"]),
        ([("CAD", "I25.10"), ("angina", "I20.9")], ["I25.119"]),
        ([("COPD", "J44.9"), ("acute bronchitis", "J20.9")], ["J44.0", "J20.9"]),
        ([("COPD", "J44.9"), ("asthma", "J45.909")], ["J44.89", "J45.909"]),
        ([("COPD", "J44.9"), ("emphysema", "J43.9")], ["J43.9"]),
        ([("Influenza A", "J10.1"), ("pneumonia", "J18.9")], ["J10.00"]),
        ([("Alcoholic cirrhosis", "K70.30"), ("ascites", "R18.8")], ["K70.31"]),
        ([("Cirrhosis", "K74.60"), ("esophageal varices", "I85.00")], ["K74.60", "I85.10"]),
        ([("Diverticulosis", "K57.30"), ("GI bleed", "K92.2")], ["K57.31"]),
        ([("Gallstones", "K80.20"), ("acute cholecystitis", "K81.0")], ["K80.00"]),
        ([("Alzheimer disease", "G30.9"), ("dementia", "F03.90")], ["G30.9", "F02.80"]),
        ([("Alcohol dependence", "F10.20"), ("withdrawal", "F10.939")], ["F10.239"]),
        ([("Kidney stone", "N20.0"), ("hydronephrosis", "N13.30")], ["N13.2"]),
        ([("Acute systolic HF", "I50.21"), ("chronic systolic HF", "I50.22")], ["I50.23"]),
        ([("MR", "I34.0"), ("AS", "I35.0")], ["I08.0"]),
        ([("Hyperemesis", "O21.0"), ("pregnancy", "Z33.1")], ["O21.0"]),
    ],
)
def test_combination(scene: Scene, pairs: list[tuple[str, str]], expected: list[str]) -> None:
    assert _codes(scene, *pairs) == expected


def test_heart_and_kidney_with_hypertension(scene: Scene) -> None:
    found = _codes(scene, ("Hypertension", "I10"), ("heart failure", "I50.9"), ("CKD", "N18.30"))
    assert found[0] == "I13.0"
    assert set(found) == {"I13.0", "I50.9", "N18.30"}


def test_the_text_can_say_unrelated(scene: Scene) -> None:
    scene.section("assessment", "Type 2 diabetes.\nCKD stage 4 due to polycystic kidneys, "
                                "not due to diabetes.")  # fmt: skip
    scene.mention("Type 2 diabetes", "E11.9").mention("CKD stage 4", "N18.4")
    assert set(scene.codes()) == {"E11.9", "N18.4"}


def test_organism_in_the_same_sentence(scene: Scene) -> None:
    scene.section("other", "Escherichia coli urinary tract infection.")
    scene.mention("urinary tract infection", "N39.0").mention("Escherichia coli", "A49.8")
    assert scene.codes(Setting.INPATIENT) == ["N39.0", "B96.20"]


def test_organism_of_another_sentence_is_left_alone(scene: Scene) -> None:
    scene.section("other", "Escherichia coli grew in 2019. Now cystitis.")
    scene.mention("cystitis", "N39.0").mention("Escherichia coli", "A49.8")
    assert set(scene.codes(Setting.INPATIENT)) == {"N39.0", "A49.8"}


def test_severe_sepsis_needs_a_link(scene: Scene) -> None:
    scene.section("discharge_diagnosis", "Sepsis with acute kidney injury due to sepsis.")
    scene.mention("Sepsis", "A41.9").mention("acute kidney injury", "N17.9")
    assert scene.codes(Setting.INPATIENT) == ["A41.9", "R65.20", "N17.9"]


def test_separate_sentences_do_not_link(scene: Scene) -> None:
    found = _codes(scene, ("Sepsis", "A41.9"), ("Acute kidney injury", "N17.9"))
    assert set(found) == {"A41.9", "N17.9"}


def test_a_presumed_link_is_said(scene: Scene) -> None:
    scene.section("discharge_diagnosis", "Type 2 diabetes.\nCKD stage 3.")
    scene.mention("Type 2 diabetes", "E11.9").mention("CKD stage 3", "N18.30")
    first = scene.rank(Setting.INPATIENT).suggestions[0]
    assert any("I.A.15" in c.message for c in first.concerns)
    assert {e.text for e in first.evidence} == {"Type 2 diabetes", "CKD stage 3"}


def test_all_mentions_combines_nothing(all_mentions: Scene) -> None:
    all_mentions.section("other", "Hypertension. Heart failure.")
    all_mentions.mention("Hypertension", "I10").mention("Heart failure", "I50.9")
    assert set(all_mentions.codes()) == {"I10", "I50.9"}
