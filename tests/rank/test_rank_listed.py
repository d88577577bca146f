"""Diagnoses stand in the order in which the note lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cac.note import Setting

if TYPE_CHECKING:
    from tests.rank.conftest import Scene


def test_the_list_decides_over_small_differences(scene: Scene) -> None:
    scene.section("hospital_course", "Gout flared; then more gout, treated.")
    scene.section("discharge_diagnosis", "1. Cellulitis.\n2. Psoriasis.\n3. Gout.")
    scene.mention("gout", "M10.9").mention("Gout", "M10.9")
    scene.mention("Cellulitis", "L03.90").mention("Psoriasis", "L40.9")
    assert scene.codes(Setting.INPATIENT) == ["L03.90", "L40.9", "M10.9"]


def test_the_one_called_principal_leads(scene: Scene) -> None:
    scene.section("discharge_diagnosis", "Gout.\nPrincipal diagnosis: psoriasis.")
    scene.mention("Gout", "M10.9").mention("psoriasis", "L40.9")
    assert scene.codes(Setting.INPATIENT)[0] == "L40.9"


def test_a_combination_takes_the_place_of_what_it_came_from(scene: Scene) -> None:
    scene.section(
        "discharge_diagnosis",
        "1. Heart failure.\n2. Gout.\n3. Kidney disease.\n4. Hypertension.",
    )
    scene.mention("Heart failure", "I50.22").mention("Gout", "M10.9")
    scene.mention("Kidney disease", "N18.32").mention("Hypertension", "I10")
    assert scene.codes(Setting.INPATIENT) == ["I13.0", "I50.22", "M10.9", "N18.32"]


def test_the_assessment_decides_in_the_office(scene: Scene) -> None:
    scene.section("assessment", "1. Migraine.\n2. Psoriasis, continue.\n3. Psoriasis. Gout.")
    scene.mention("Migraine", "G43.909", weight=0.9).mention("Psoriasis", "L40.9")
    assert scene.codes() == ["G43.909", "L40.9"]
