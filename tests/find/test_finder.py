"""The finder over the whole code set, on sentences of our own."""

import pytest

from cac.codes import load_icd10cm
from cac.coding import Mention
from cac.find.load import load_finder
from cac.note import Assertion, Note
from cac.read import read_note


def mentions(text: str) -> tuple[Mention, ...]:
    return load_finder(load_icd10cm()).find(read_note(Note("n", text)))


def first_codes(text: str) -> set[str]:
    return {mention.candidates[0].code.value for mention in mentions(text)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Acute on chronic systolic heart failure", "I50.23"),
        ("type 2 diabetes with diabetic chronic kidney disease", "E11.22"),
        ("chronic kidney disease stage IIIb", "N18.32"),
        ("CKD 3b", "N18.32"),
        ("moderate persistent asthma with exacerbation", "J45.41"),
        ("fracture of the left distal radius", "S52.502A"),
        ("bilateral osteoarthritis of the knees", "M17.0"),
        ("acute cholecystitis with cholelithiasis", "K80.00"),
        ("pressure ulcer of the sacrum, stage 3", "L89.153"),
        ("paroxysmal atrial fibrilation", "I48.0"),
        ("third degree burn of the left forearm", "T22.312A"),
        ("adenocarcinoma of the sigmoid colon", "C18.7"),
        ("intentional overdose of acetaminophen", "T39.1X2A"),
        ("migraine without aura", "G43.009"),
        ("oesophageal varices", "I85.00"),
        ("acute hypoxic respiratory failure", "J96.01"),
        ("BMI 43.2 with morbid obesity", "Z68.41"),
        ("pregnant, 32 weeks gestation", "Z3A.32"),
        ("Trisomy 21. Hearing is normal.", "Q90.9"),
        ("HTN, CKD 4. Weight stable.", "N18.4"),
        ("Bilat TKAs, doing well", "Z96.653"),
        ("stress fracture of the left foot", "M84.375A"),
        ("cellulitis of the left foot", "L03.116"),
        ("acute DVT of the left popliteal vein", "I82.432"),
        ("migraine without aura, intractable", "G43.019"),
        ("recurrent right inguinal hernia", "K40.91"),
        ("bilateral sensorineural hearing loss", "H90.3"),
        ("moderate NPDR with DME OU", "E11.3313"),
        ("ulcer of the right foot", "L97.519"),
        ("twins at 22w4d", "Z3A.22"),
        ("skin tear of the right forearm", "S51.811A"),
        ("mastectomy for breast cancer", "C50.919"),
        ("Allergies: oxycodone (hives), latex", "Z88.5"),
        ("Allergies: oxycodone (hives), latex", "Z91.040"),
    ],
)
def test_the_most_specific_code_that_the_text_supports(text: str, code: str) -> None:
    assert code in first_codes(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Elevated BP w/o headache", "Z67.40"),  # The "o" of "w/o" is no blood group.
        ("mastectomy for breast cancer", "C44.501"),  # The site of a mastectomy is skin.
    ],
)
def test_what_stands_near_does_not_make_a_code(text: str, code: str) -> None:
    assert code not in first_codes(text)


@pytest.mark.parametrize("text", ["A/P: 1. Type 2 diabetes", "Plan: 1) diabetes", "2. Diabetes"])
def test_a_list_number_is_no_type(text: str) -> None:
    assert first_codes(text) == {"E11.9"}


def test_a_part_that_a_note_asks_for_stands_beside_its_whole() -> None:
    assert {"E11.43", "K31.84"} <= first_codes("DM2 complicated by gastroparesis")
    assert {"N40.1", "R33.9"} <= first_codes("BPH with urinary retention")


def test_a_whole_is_not_told_again_in_parts_of_its_own_category() -> None:
    assert "I50.9" not in first_codes("acute systolic heart failure")


def test_what_stands_between_site_and_head_is_no_foreign_word() -> None:
    assert not any(c.startswith("M17") for c in first_codes("L knee septic arthritis"))
    assert "G89.29" in first_codes("chronic back pain")


def test_both_sides_are_two_codes_where_none_joins_them() -> None:
    [mention] = mentions("pain in both hips")
    assert {c.code.value for c in mention.candidates} >= {"M25.551", "M25.552"}


def test_what_the_text_leaves_open_is_named() -> None:
    [mention] = mentions("knee pain")
    assert mention.candidates[0].code.value == "M25.569"
    assert "side" in mention.candidates[0].missing


@pytest.mark.parametrize(
    "text",
    [
        "62-year-old man seen on physical examination",
        "follow-up in 2 weeks",
        "SpO2 98% on RA",
        "The chest is clear and the neck is supple",
    ],
)
def test_everyday_words_are_no_mention(text: str) -> None:
    assert first_codes(text) == set()


def test_words_of_which_different_things_are_said_are_no_mention() -> None:
    assert "R07.9" not in first_codes("No chest tightness, arm pain persists")


def test_evidence_is_the_text_and_carries_its_assertion() -> None:
    text = "Plan: no pneumonia.\n"
    [mention] = mentions(text)
    assert [text[s.start : s.end] for s in mention.spans] == ["pneumonia"]
    assert mention.assertions == (Assertion.NEGATED,)
    assert [text[c.start : c.end] for c in mention.cues] == ["no"]


def test_a_header_is_no_mention() -> None:
    assert first_codes("FAMILY HISTORY:\n\nCHEST PAIN:\nnone today") <= {"R07.9"}
