"""What the note says of a mention decides whether, and as what, it is coded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cac.note import Assertion, Setting

if TYPE_CHECKING:
    from tests.rank.conftest import Scene

A = Assertion


def test_a_negated_finding_is_rejected_with_its_cue(scene: Scene) -> None:
    scene.section("assessment", "Acute bronchitis. No pneumonia on the film.")
    scene.mention("Acute bronchitis", "J20.9")
    ranking = scene.mention("pneumonia", "J18.9", says=A.NEGATED, cue="No").rank()
    assert [s.code.value for s in ranking.suggestions] == ["J20.9"]
    (rejected,) = ranking.rejected
    assert rejected.code.value == "J18.9"
    assert rejected.rejected_because == "Negated in the note (“No”)."


def test_one_good_mention_is_enough_and_is_the_only_evidence(scene: Scene) -> None:
    scene.section("review_of_systems", "No asthma symptoms reported.")
    scene.section("assessment", "Asthma, continue inhaler.")
    scene.mention("asthma", "J45.909", says=A.NEGATED, cue="No").mention("Asthma", "J45.909")
    ranking = scene.rank()
    (suggestion,) = ranking.suggestions
    assert [e.text for e in suggestion.evidence] == ["Asthma"]
    assert not ranking.rejected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (Setting.INPATIENT, ["J18.9"]),
        (Setting.OUTPATIENT, ["R05.9"]),
        (Setting.EMERGENCY, ["R05.9"]),
        (Setting.PROFESSIONAL, ["R05.9"]),
    ],
)
def test_uncertain_diagnosis_by_setting(
    scene: Scene, setting: Setting, expected: list[str]
) -> None:
    scene.section("impression", "1. Cough.\n2. Probable pneumonia.").mention("Cough", "R05.9")
    scene.mention("pneumonia", "J18.9", says=A.POSSIBLE, cue="Probable")
    assert scene.codes(setting) == expected


def test_uncertain_inpatient_diagnosis_carries_a_concern(scene: Scene) -> None:
    scene.section("discharge_diagnosis", "Likely viral meningitis.")
    scene.mention("viral meningitis", "A87.9", says=A.POSSIBLE, cue="Likely")
    (suggestion,) = scene.rank(Setting.INPATIENT).suggestions
    assert [c.kind for c in suggestion.concerns] == ["uncertain"]


@pytest.mark.parametrize("code", ["B20", "U07.1", "A92.5", "J09.X2"])
def test_what_must_be_confirmed_is_not_coded_when_uncertain(scene: Scene, code: str) -> None:
    scene.section("discharge_diagnosis", "Possible illness.")
    scene.mention("illness", code, says=A.POSSIBLE, cue="Possible")
    ranking = scene.rank(Setting.INPATIENT)
    assert not ranking.suggestions
    assert "confirmed" in ranking.rejected[0].rejected_because


def test_hypothetical_is_rejected(scene: Scene) -> None:
    scene.section("plan", "Return if chest pain develops.")
    scene.mention("chest pain", "R07.9", says=A.HYPOTHETICAL, cue="if")
    assert scene.codes() == []


@pytest.mark.parametrize(
    ("text", "words", "code", "expected"),
    [
        ("Mother had breast cancer.", "breast cancer", "C50.919", "Z80.3"),
        ("Father: myocardial infarction at 50.", "myocardial infarction", "I21.9", "Z82.49"),
        ("Sister with type 2 diabetes.", "type 2 diabetes", "E11.9", "Z83.3"),
        ("Uncle died of a stroke.", "stroke", "I63.9", "Z82.3"),
        ("Brother drinks: alcohol dependence.", "alcohol dependence", "F10.20", "Z81.1"),
    ],
)
def test_family_history(scene: Scene, text: str, words: str, code: str, expected: str) -> None:
    scene.section("family_history", text)
    scene.mention(words, code, says=A.OTHER_SUBJECT, cue=text.split()[0].rstrip(":"))
    ranking = scene.rank(Setting.INPATIENT, min_probability=0.01)
    assert [s.code.value for s in ranking.suggestions] == [expected]


@pytest.mark.parametrize("who", ["roommate", "coworker", "wife", "neighbor", "stepfather"])
def test_people_who_are_not_kin_give_no_family_history(scene: Scene, who: str) -> None:
    scene.section("history_of_present_illness", f"Her {who} has influenza.")
    scene.mention("influenza", "J11.1", says=A.OTHER_SUBJECT, cue=who)
    ranking = scene.rank(min_probability=0.0)
    assert not ranking.suggestions
    assert ranking.rejected[0].rejected_because == f"Said of someone else (“{who}”)."


def test_denied_of_a_relative_is_denied(scene: Scene) -> None:
    scene.section("family_history", "No colon cancer in the family.")
    scene.mention("colon cancer", "C18.9", says=A.NEGATED, cue="No")
    assert not scene.rank(min_probability=0.0).suggestions


def test_all_mentions_convention_codes_history_and_signs_as_they_stand(
    all_mentions: Scene,
) -> None:
    all_mentions.section("other", "History of pneumonia. Fever and cough due to bronchitis.")
    all_mentions.mention("pneumonia", "J18.9", says=A.HISTORICAL, cue="History of")
    all_mentions.mention("Fever", "R50.9").mention("cough", "R05.9").mention("bronchitis", "J40")
    assert set(all_mentions.codes()) == {"J18.9", "R50.9", "R05.9", "J40"}
