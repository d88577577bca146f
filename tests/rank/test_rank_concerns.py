"""Concerns are few, short and name the codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from cac.note import Assertion, Setting

if TYPE_CHECKING:
    from cac.rank import Ranking
    from tests.rank.conftest import Scene


def _kinds(ranking: Ranking, code: str) -> list[str]:
    return [c.kind for s in ranking.suggestions if s.code.value == code for c in s.concerns]


@pytest.mark.parametrize(("missing", "kind"), [("side", "unspecified"), ("encounter", "encounter")])
def test_what_the_text_leaves_open(scene: Scene, missing: str, kind: str) -> None:
    scene.section("assessment", "1. Knee pain.").mention("Knee pain", "M25.569", missing=(missing,))
    assert _kinds(scene.rank(), "M25.569") == [kind]


def test_excludes1_is_a_question_on_both(scene: Scene) -> None:
    scene.section("assessment", "1. Type 1 diabetes.\n2. Gestational diabetes.")
    scene.mention("Type 1 diabetes", "E10.9").mention("Gestational diabetes", "O24.419")
    ranking = scene.rank()
    assert _kinds(ranking, "E10.9") == _kinds(ranking, "O24.419") == ["excludes1"]


def test_manifestation_without_etiology(scene: Scene) -> None:
    scene.section("assessment", "1. Dementia in another disease.")
    scene.mention("Dementia in another disease", "F02.80")
    assert "manifestation" in _kinds(scene.rank(), "F02.80")


def test_heart_failure_type_is_asked_for(scene: Scene) -> None:
    scene.section("assessment", "1. Hypertensive heart failure.")
    scene.mention("Hypertensive heart failure", "I11.0")
    assert _kinds(scene.rank(), "I11.0") == ["use-additional"]


def test_code_newer_than_the_visit(scene: Scene) -> None:
    scene.section("assessment", "1. Plantar fasciitis, right.")
    scene.mention("Plantar fasciitis, right", "M67.A01")
    annotated = scene.annotated()
    visit = replace(annotated, note=replace(annotated.note, service_date=date(2025, 3, 1)))
    ranking = scene.ranker.rank(visit, scene.mentions, Setting.OUTPATIENT)
    assert _kinds(ranking, "M67.A01") == ["not-valid"]
    assert _kinds(scene.rank(), "M67.A01") == []


def test_unknown_and_incomplete_codes(scene: Scene) -> None:
    scene.section("assessment", "1. Old wording.\n2. Short wording.")
    scene.mention("Old wording", "E99.99").mention("Short wording", "E11")
    ranking = scene.rank()
    assert _kinds(ranking, "E99.99") == _kinds(ranking, "E11") == ["not-valid"]


def test_words_with_two_meanings(scene: Scene) -> None:
    scene.section("assessment", "1. RA.").mention("RA", "M06.9", "R09.01")
    (suggestion,) = scene.rank().suggestions
    assert not suggestion.concerns  # the other meaning is well behind
    mention = scene.mentions[0]
    near = replace(mention.candidates[1], weight=mention.candidates[0].weight)
    scene.mentions = [replace(mention, candidates=(mention.candidates[0], near))]
    (suggestion, *_) = scene.rank().suggestions
    assert [c.kind for c in suggestion.concerns] == ["ambiguous"]


def _near(scene: Scene, *places: int) -> None:
    """Let the second meaning of some mentions fit as well as the first."""
    for place in places:
        mention = scene.mentions[place]
        near = replace(mention.candidates[1], weight=mention.candidates[0].weight)
        scene.mentions[place] = replace(mention, candidates=(mention.candidates[0], near))


def test_one_clear_mention_settles_the_others(scene: Scene) -> None:
    scene.section("assessment", "1. MS, that is multiple sclerosis.")
    scene.mention("MS", "G35.D", "I05.0").mention("multiple sclerosis", "G35.D")
    _near(scene, 0)
    assert _kinds(scene.rank(), "G35.D") == []


def test_what_a_rule_made_of_a_code_is_not_ambiguous(scene: Scene) -> None:
    scene.section("assessment", "1. Hypertension.\n2. CKD stage 3a.")
    scene.mention("Hypertension", "I10", "I27.20").mention("CKD stage 3a", "N18.31")
    _near(scene, 0)
    messages = [c.message for c in scene.rank().suggestions[0].concerns]
    assert not [m for m in messages if "same words" in m]


def test_a_meaning_that_gave_way_is_not_offered(scene: Scene) -> None:
    scene.section("assessment", "1. Heart failure; systolic heart failure.")
    scene.mention("systolic heart failure", "I50.20", "I50.9").mention("Heart failure", "I50.9")
    _near(scene, 0)
    assert "ambiguous" not in _kinds(scene.rank(), "I50.20")


def test_history_codes_are_not_ambiguous(scene: Scene) -> None:
    scene.section("assessment", "1. Former smoker.")
    scene.mention("smoker", "F17.210", "F17.200", says=Assertion.HISTORICAL, cue="Former")
    _near(scene, 0)
    assert _kinds(scene.rank(min_probability=0.0), "Z87.891") == []


def test_the_emergency_setting_answers_for_the_encounter(scene: Scene) -> None:
    scene.section("assessment", "1. Scalp laceration.\n2. Tripped on a rug.")
    scene.mention("Scalp laceration", "S01.01XA", missing=("encounter",))
    scene.mention("Tripped on a rug", "W01.0XXA", missing=("encounter",))
    assert _kinds(scene.rank(), "S01.01XA") == ["encounter"]
    assert _kinds(scene.rank(), "W01.0XXA") == []
    assert _kinds(scene.rank(Setting.EMERGENCY), "S01.01XA") == []


def test_the_type_is_asked_where_it_matters(scene: Scene) -> None:
    scene.section("assessment", "1. Hypothyroidism.\n2. Heart failure.")
    scene.mention("Hypothyroidism", "E03.9", missing=("type",))
    scene.mention("Heart failure", "I50.9", missing=("type",))
    assert _kinds(scene.rank(), "E03.9") == []
    assert _kinds(scene.rank(), "I50.9") == ["unspecified"]
