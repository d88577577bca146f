"""The demo notes: present, of the length that is promised, and coded without contradiction."""

import pytest

from cac.codes import load_icd10cm
from cac.demo import DEMO_NAMES_BY_LANGUAGE, load_demo_note, load_demo_notes, load_expected
from cac.note import Setting

NAMES = [name for names in DEMO_NAMES_BY_LANGUAGE.values() for name in names]


def test_three_settings_are_shown_and_one_note_is_long() -> None:
    notes = {note.note_id: note for note in load_demo_notes()}
    assert {note.setting for note in notes.values()} == {
        Setting.OUTPATIENT,
        Setting.EMERGENCY,
        Setting.INPATIENT,
    }
    assert len(notes["discharge_summary"].text.split()) >= 1500


@pytest.mark.parametrize("name", NAMES)
def test_expected_codes_are_valid_and_do_not_contradict(name: str) -> None:
    icd10cm = load_icd10cm()
    expected = load_expected(name)
    right = (*expected.wanted, *expected.allowed)
    assert all(icd10cm.is_billable(value) for value in right)
    assert len(set(right)) == len(right)
    for beginning in expected.unwanted:
        assert icd10cm.is_valid(beginning)
        assert not any(value.startswith(beginning) for value in right)


def test_a_language_without_notes_has_none() -> None:
    assert load_demo_notes("de") == ()
    assert load_demo_note("alta_es").language == "es"
