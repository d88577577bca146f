"""Sections, headings, signs, status and specificity decide the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cac.coding import CodeSystem
from cac.note import Assertion, Setting
from cac.rank.setting import guess_setting

if TYPE_CHECKING:
    from tests.rank.conftest import Scene


def test_assessed_above_listed_above_found(scene: Scene) -> None:
    scene.section("past_medical_history", "Gout.").section("imaging", "Hiatal hernia.")
    scene.section("assessment", "1. Migraine - start topiramate.")
    scene.mention("Gout", "M10.9").mention("Hiatal hernia", "K44.9").mention("Migraine", "G43.909")
    ranking = scene.rank(min_probability=0.0)
    assert ranking.suggestions[0].code.value == "G43.909"
    assert scene.codes() == ["G43.909"]


@pytest.mark.parametrize(
    "text",
    [
        "1. Osteoporosis.",
        "Osteoporosis: continue alendronate.",
        "# Osteoporosis - stable",
        "• Osteoporosis",
        "1. Gout, stable. 2. Osteoporosis, continue alendronate.",
        "Chronic osteoporosis.",
    ],
)
def test_a_problem_heading_lifts(scene: Scene, text: str) -> None:
    word = "Osteoporosis" if "Osteo" in text else "osteoporosis"
    scene.section("assessment_and_plan", text).mention(word, "M81.0")
    explained = scene.rank(min_probability=0.0).explain("M81.0")
    assert explained is not None
    assert explained.parts["heading"] > 0


@pytest.mark.parametrize(
    "text", ["- Check for osteoporosis.", "The patient has had osteoporosis for years."]
)
def test_prose_is_no_heading(scene: Scene, text: str) -> None:
    scene.section("assessment_and_plan", text).mention("osteoporosis", "M81.0")
    explained = scene.rank(min_probability=0.0).explain("M81.0")
    assert explained is not None
    assert "heading" not in explained.parts


@pytest.mark.parametrize(
    ("sign", "diagnosis"),
    [
        ("R05.9", "J18.9"), ("R07.9", "I21.4"), ("R30.0", "N39.0"), ("R06.02", "I50.9"),
        ("R06.2", "J45.901"), ("R51.9", "G43.909"), ("R10.31", "K35.80"), ("R17", "B19.20"),
        ("M25.561", "M17.11"), ("M54.50", "M51.362"), ("R50.9", "L03.115"), ("R11.2", "A08.4"),
        ("R35.0", "E11.9"), ("R31.9", "N20.0"), ("R60.0", "I50.33"), ("R00.2", "I48.91"),
        ("R21", "L30.9"), ("R41.0", "F05"), ("R53.83", "D50.9"), ("R13.10", "K22.2"),
    ],
)  # fmt: skip
def test_integral_sign_drops_below_the_cut(scene: Scene, sign: str, diagnosis: str) -> None:
    scene.section("assessment", "1. The diagnosis.\n2. The sign.")
    scene.mention("The diagnosis", diagnosis).mention("The sign", sign)
    assert scene.codes() == [diagnosis]
    ranking = scene.rank(min_probability=0.0)
    (concern,) = [c for c in ranking.suggestions[-1].concerns if c.kind == "integral"]
    assert diagnosis in concern.message


def test_a_sign_that_belongs_to_nothing_stays(scene: Scene) -> None:
    scene.section("assessment", "1. Migraine.\n2. Chest pain.")
    scene.mention("Migraine", "G43.909").mention("Chest pain", "R07.9")
    assert scene.codes() == ["G43.909", "R07.9"]


@pytest.mark.parametrize(
    ("vague", "specific"),
    [
        ("E11.9", "E11.65"), ("I50.9", "I50.23"), ("N18.9", "N18.32"), ("J44.9", "J44.1"),
        ("J45.909", "J45.41"), ("M25.569", "M25.561"), ("C34.90", "C34.11"), ("I48.91", "I48.0"),
        ("D64.9", "D50.0"), ("F32.A", "F33.1"), ("M54.50", "M54.51"), ("J18.9", "J15.4"),
        ("S52.501A", "S52.531A"), ("C34.90", "C34.91"), ("A04.72", "A04.71"),
        ("L30.9", "L23.7"), ("V49.9XXA", "V43.52XA"), ("W19.XXXA", "W06.XXXA"),
        ("D17.9", "D17.1"), ("D36.9", "D24.1"), ("T14.8XXA", "S61.011A"),
    ],
)  # fmt: skip
def test_the_vague_code_gives_way(scene: Scene, vague: str, specific: str) -> None:
    scene.section("assessment", "1. The vague one.\n2. The exact one.")
    scene.mention("The vague one", vague).mention("The exact one", specific)
    (suggestion,) = scene.rank().suggestions
    assert suggestion.code.value == specific
    assert {e.text for e in suggestion.evidence} == {"The vague one", "The exact one"}
    assert suggestion.evidence[0].text == "The exact one"


def test_detail_told_elsewhere_refines_the_assessed_disease(scene: Scene) -> None:
    scene.section("history_of_present_illness", "She has CKD stage 3b.")
    scene.section("assessment", "1. CKD.")
    scene.mention("CKD stage 3b", "N18.32").mention("CKD", "N18.9", section="assessment")
    assert scene.codes() == ["N18.32"]


def test_a_weak_detail_does_not_displace_an_assessed_sign(scene: Scene) -> None:
    scene.section("physical_exam", "Chest wall pain on pressing.")
    scene.section("assessment", "1. Chest pain.")
    scene.mention("Chest wall pain", "R07.89").mention("Chest pain", "R07.9")
    assert scene.codes() == ["R07.9"]


@pytest.mark.parametrize(
    ("one", "other"), [("M25.561", "M25.562"), ("I10", "E11.9"), ("S52.531A", "S42.201A")]
)
def test_equals_stand_side_by_side(scene: Scene, one: str, other: str) -> None:
    scene.section("assessment", "1. First thing.\n2. Second thing.")
    scene.mention("First thing", one).mention("Second thing", other)
    assert set(scene.codes()) == {one, other}


@pytest.mark.parametrize("setting", list(Setting))
def test_status_never_above_a_diagnosis(scene: Scene, setting: Setting) -> None:
    scene.section("assessment", "1. Long-term insulin use, continue.\n2. Psoriasis.")
    scene.mention("Long-term insulin use", "Z79.4").mention("Psoriasis", "L40.9")
    found = [s.code.value for s in scene.rank(setting, min_probability=0.0).suggestions]
    assert found == ["L40.9", "Z79.4"]


def test_medication_list_and_technique_count_for_nothing(scene: Scene) -> None:
    scene.section("medications", "Albuterol for asthma.").section("technique", "Asthma protocol.")
    scene.mention("asthma", "J45.909").mention("Asthma", "J45.909")
    assert scene.codes() == []


def test_an_alternative_ranks_below_the_best(scene: Scene) -> None:
    scene.section("assessment", "1. MS.").mention("MS", "G35.D", "I05.0")
    ranking = scene.rank(min_probability=0.0)
    assert [s.code.value for s in ranking.suggestions] == ["G35.D", "I05.0"]
    assert scene.codes() == ["G35.D"]


def test_note_without_sections_is_coded_from_its_text(scene: Scene) -> None:
    scene.section("other", "55-year-old with gout and stable angina.")
    scene.mention("gout", "M10.9").mention("stable angina", "I20.89")
    assert set(scene.codes()) == {"M10.9", "I20.89"}


@pytest.mark.parametrize(
    ("section", "setting"),
    [
        ("hospital_course", Setting.INPATIENT),
        ("emergency_course", Setting.EMERGENCY),
        ("pathologic_diagnosis", Setting.PROFESSIONAL),
        ("assessment", Setting.OUTPATIENT),
    ],
)
def test_setting_is_guessed_from_sections(scene: Scene, section: str, setting: Setting) -> None:
    assert guess_setting(scene.section(section, "Text.").annotated()) is setting
    assert scene.rank(None).setting is setting


def test_ties_are_broken_by_position_then_code(scene: Scene) -> None:
    scene.section("assessment", "1. Psoriasis.\n2. Gout.")
    scene.mention("Gout", "M10.9").mention("Psoriasis", "L40.9")
    assert scene.codes() == ["L40.9", "M10.9"]


def test_procedures_pass_through_unjudged(scene: Scene) -> None:
    scene.section("other", "Chest film and ultrasound.")
    scene.mention("Chest film", "B20ZZZZ", system=CodeSystem.ICD10PCS)
    (suggestion,) = scene.rank().suggestions
    assert suggestion.code.system is CodeSystem.ICD10PCS
    assert suggestion.description == "Chest film"


def test_the_first_listed_at_discharge_leads(scene: Scene) -> None:
    scene.section("hospital_course", "He had cellulitis, then worse cellulitis. Gout flared.")
    scene.section("discharge_diagnosis", "1. Gout.\n2. Cellulitis.")
    scene.mention("Gout", "M10.9").mention("cellulitis", "L03.90").mention("Cellulitis", "L03.90")
    assert scene.codes(Setting.INPATIENT) == ["M10.9", "L03.90"]


def test_suspected_in_the_course_is_not_suspected_at_discharge(scene: Scene) -> None:
    scene.section("hospital_course", "Possible sepsis on arrival, cultures sterile.")
    scene.section("discharge_diagnosis", "1. Influenza.").mention("Influenza", "J11.1")
    scene.mention("sepsis", "A41.9", says=Assertion.POSSIBLE, cue="Possible")
    assert scene.codes(Setting.INPATIENT) == ["J11.1"]


def test_unspecified_injury_gives_way_to_a_named_one(scene: Scene) -> None:
    scene.section("assessment", "1. Scalp laceration.\n2. Head injury.")
    scene.mention("Scalp laceration", "S01.01XA").mention("Head injury", "S09.90XA")
    assert scene.codes() == ["S01.01XA"]
