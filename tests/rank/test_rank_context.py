"""How a mention stands in its note: resolved, listed, arranged for, brief, both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cac.note import Assertion, Setting
from cac.rank import Convention, Ranker

if TYPE_CHECKING:
    from cac.codes import Icd10cm
    from tests.rank.conftest import Scene

PAST = Assertion.HISTORICAL
_FILLER = "The patient lives with a daughter and two cats and enjoys long walks by the river. " * 7


@pytest.mark.parametrize(
    ("setting", "expected"),
    [(Setting.INPATIENT, "N17.9"), (Setting.EMERGENCY, "N17.9"), (Setting.OUTPATIENT, "Z87.448")],
)
def test_what_resolved_in_the_stay_was_treated_in_it(
    scene: Scene, setting: Setting, expected: str
) -> None:
    scene.section("hospital_course", "Acute kidney injury resolved with fluids.")
    scene.mention("Acute kidney injury", "N17.9", says=PAST, cue="resolved")
    ranking = scene.rank(setting, min_probability=0.0)
    assert [s.code.value for s in ranking.suggestions] == [expected]


def test_a_history_that_lists_is_no_history_of(scene: Scene) -> None:
    cue = "past medical history significant for"
    scene.section("history_of_present_illness", f"A man with a {cue} gout and pneumonia.")
    scene.mention("gout", "M10.9", says=PAST, cue=cue)
    scene.mention("pneumonia", "J18.9", says=PAST, cue=cue)
    codes = {s.code.value for s in scene.rank(min_probability=0.0).suggestions}
    assert codes == {"M10.9", "Z87.01"}


@pytest.mark.parametrize(
    ("text", "words", "code", "expected"),
    [
        ("Asthma in childhood, outgrown.", "Asthma", "J45.909", "Z87.09"),
        ("Multiple myeloma in remission.", "Multiple myeloma", "C90.00", "C90.01"),
        ("Alcohol dependence in sustained remission.", "Alcohol dependence", "F10.20", "F10.21"),
    ],
)
def test_outgrown_and_in_remission(
    scene: Scene, text: str, words: str, code: str, expected: str
) -> None:
    scene.section("assessment", text).mention(words, code, says=PAST)
    ranking = scene.rank(min_probability=0.0)
    assert [s.code.value for s in ranking.suggestions] == [expected]


def test_not_in_remission_is_active(scene: Scene) -> None:
    scene.section("assessment", "Leukemia, not in remission.").mention("Leukemia", "C92.00")
    assert scene.codes() == ["C92.00"]


def test_a_visit_arranged_for_is_not_this_visit(scene: Scene) -> None:
    scene.section("plan", "Follow up in two weeks.\nScreening colonoscopy next year.")
    scene.mention("Follow up", "Z09").mention("Screening colonoscopy", "Z12.11")
    assert scene.codes() == []


def test_the_reason_for_the_visit_is(scene: Scene) -> None:
    scene.section("chief_complaint", "Screening colonoscopy.")
    scene.mention("Screening colonoscopy", "Z12.11")
    assert scene.codes() == ["Z12.11"]


def test_external_cause_follows_an_injury(scene: Scene) -> None:
    scene.section("history_of_present_illness", f"{_FILLER}She slipped on ice.")
    scene.section("assessment", "1. Ankle sprain, right.")
    scene.mention("slipped on ice", "W00.0XXA")
    assert scene.codes() == []
    scene.mention("Ankle sprain, right", "S93.401A")
    assert scene.codes() == ["S93.401A", "W00.0XXA"]


def test_in_a_few_lines_nothing_is_said_in_passing(scene: Scene) -> None:
    scene.section("allergies", "Penicillin.").section("assessment", "1. Acute cystitis.")
    scene.mention("Penicillin", "Z88.0").mention("Acute cystitis", "N30.00")
    brief = scene.rank(min_probability=0.0).explain("Z88.0")
    scene.section("social_history", _FILLER)
    long = scene.rank(min_probability=0.0).explain("Z88.0")
    assert brief is not None
    assert long is not None
    assert brief.probability > 2 * long.probability


def test_both_sides_of_one_mention_are_no_alternatives(scene: Scene) -> None:
    scene.section("assessment", "1. Elbow epicondylitis, both sides.")
    scene.mention("Elbow epicondylitis, both sides", "M77.01", "M77.02")
    level = tuple(replace(c, weight=0.95) for c in scene.mentions[0].candidates)
    scene.mentions = [replace(scene.mentions[0], candidates=level)]
    assert scene.codes() == ["M77.01", "M77.02"]


def test_codiesp_codes_whatever_is_said(scene: Scene, icd10cm: Icd10cm) -> None:
    scene.ranker = Ranker(icd10cm, Convention.load("codiesp"))
    scene.section("other", "No edema. Mother had gout.")
    scene.mention("edema", "R60.9", says=Assertion.NEGATED, cue="No")
    scene.mention("gout", "M10.9", says=Assertion.OTHER_SUBJECT, cue="Mother")
    assert set(scene.codes()) == {"R60.9", "M10.9"}


def test_a_single_long_line_stays_linear(scene: Scene) -> None:
    scene.section("other", "gout and " * 4000)
    scene.mention("gout", "M10.9")
    (suggestion,) = scene.rank().suggestions
    assert len(suggestion.evidence) == 20


def test_a_reaction_in_a_list_of_allergies_is_none_of_today(scene: Scene) -> None:
    scene.section("allergies", "Penicillin causes hives.")
    scene.mention("hives", "L50.9").mention("Penicillin", "Z88.0")
    assert [s.code.value for s in scene.rank().suggestions] == ["Z88.0"]


@pytest.mark.parametrize(
    ("section", "words", "code"),
    [("past_medical_history", "hypothyroidism", "E03.9"), ("code_status", "DNR", "Z66")],
)
def test_an_inpatient_record_reports_what_is_carried_along(
    scene: Scene, section: str, words: str, code: str
) -> None:
    scene.section("discharge_diagnosis", "1. Pneumonia\n2. Sepsis").mention("Pneumonia", "J18.9")
    scene.section(section, f"{words}. " + "The patient was seen and examined. " * 20)
    ranking = scene.mention(words, code).rank(Setting.INPATIENT)
    assert code in [s.code.value for s in ranking.suggestions]
