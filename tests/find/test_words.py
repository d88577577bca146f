import pytest

from cac.find.numbering import number_of
from cac.find.stream import read_words, signed_words_of, words_of
from cac.find.words import canonical
from cac.note import Span


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("oedema", "edema"),
        ("Haemorrhages", "hemorrhage"),
        ("anaemia", "anemia"),
        ("tumours", "tumor"),
        ("metastases", "metastasis"),
        ("diagnoses", "diagnosis"),
        ("fractured", "fracture"),
        ("renal", "kidney"),
        ("Crohn's", "crohn"),
        ("pre-eclampsia", "preeclampsia"),
        ("diabetes", "diabetes"),
        ("pertussis", "pertussis"),
        ("neuropathies", "neuropathy"),
    ],
)
def test_spelling_plural_and_derivation_meet(written: str, kept: str) -> None:
    assert canonical(written) == canonical(kept)


@pytest.mark.parametrize(
    ("word", "number"), [("3b", "3b"), ("IIIb", "3b"), ("third", "3"), ("iv", "4"), ("left", "")]
)
def test_numbers_in_all_their_forms(word: str, number: str) -> None:
    assert number_of(word) == number


@pytest.mark.parametrize(
    ("text", "fused"),
    [
        ("CKD stage IIIb", "stage3b"),
        ("CKD 3b", "stage3b"),
        ("third-degree burn", "degree3"),
        ("2nd trimester", "trimester2"),
        ("type II diabetes", "type2"),
    ],
)
def test_a_numbered_modifier_is_one_word(text: str, fused: str) -> None:
    assert fused in words_of(text)


def test_secondary_to_joins_and_secondary_names() -> None:
    assert "secondary" not in words_of("hypertension secondary to stenosis")
    assert "secondary" in words_of("secondary hypertension")


def test_words_after_without_are_absent_ones() -> None:
    assert signed_words_of("Migraine without aura, not intractable") == (
        "migraine",
        "no:aura",
        "no:intractable",
    )
    assert "finger" in signed_words_of("Laceration without foreign body of finger")


def test_positions_point_into_the_text() -> None:
    text = "Known: left\nknee pain, 3/10 – no edema."
    stream = read_words(text, Span(0, len(text)))
    for position, surface in enumerate(stream.surfaces):
        span = stream.span(position)
        assert text[span.start : span.end] == surface
    assert stream.costs == sorted(stream.costs)
