"""Sentences in wrapped lines, lists and abbreviations."""

from __future__ import annotations

from typing import Any

import pytest

from cac.note import Note

CASES = {
    "abbreviations": (
        "Dr. Smith saw the pt. on Monday. She takes aspirin 81 mg p.o. q.d. and rests.",
        2,
    ),
    "a dose before a new sentence": ("Take 10 mg p.o. q.d. Follow up in May.", 2),
    "decimals": ("Her potassium was 3.5 and her TSH 0.45. She is well.", 2),
    "initials": ("Seen by John A. Smith for cough. Well.", 2),
    "a title and an initial": ("Dr. R. Wilson saw her. Well.", 2),
    "a title and a letter for a name": ("She saw Dr. X. The cough is gone.", 2),
    "a letter that ends": ("She has hepatitis C. She takes vitamin D. All is well.", 3),
    "versus": ("Gout vs. cellulitis of the foot.", 1),
    "for example": ("Use a sling, e.g. Velpeau. Rest.", 2),
    "a question": ("Is this gout? Perhaps.", 2),
    "a number": ("Room No. 5 was cleaned. Done.", 2),
    "a bullet list": ("• Gout\n• Asthma\n- Anemia\n* Sepsis", 4),
    "a numbered list": ("1. Gout\n2) Asthma\n(3) Anemia", 3),
    "a list without bullets": ("lisinopril 10 mg daily\nmetformin 500 mg twice daily\naspirin", 3),
    "problems one a line": ("Hypertension\nDiabetes mellitus\nGout", 3),
    "a wrapped line": (
        "The patient is a pleasant elderly woman who came to the office because of\n"
        "three days of cough. She is otherwise well and has not had any trouble with\n"
        "Parkinson disease so far.",
        2,
    ),
    "a wrapped line before a small word": ("She has pain in the\nleft foot today.", 1),
    "short wrapped lines": (
        "Admitted for acute on\nchronic diastolic heart\nfailure. No CKD or pulmonary\nemboli.",
        2,
    ),
    "short wrapped lines without a stop": ("There is no\nsign of deep vein\nthrombosis", 1),
    "two lines": ("Known pulmonary\nhypertension", 1),
    "a wrap in an item": ("- Known pulmonary\nhypertension\n- Gout", 2),
    "small words one a line": ("asthma\ngout\nchronic migraine", 3),
    "a list below a colon": ("He has these problems:\nknee pain when walking\ngout\nasthma", 4),
    "a list whose first word is a capital": ("Asthma\ngout\nchronic migraine", 3),
    "a list of longer items": (
        "Hypertension, on two drugs at home\ndiabetes, on diet\ngout\nold stroke",
        4,
    ),
    "doses one a line": ("Aspirin 81 mg\nmetformin 500 mg twice a day\ninsulin 10 units", 3),
    "a title above a list": ("Medications:\naspirin\nwarfarin\niron by mouth", 3),
    "a number on the next line": ("She has diabetes mellitus type\n2 and gout", 1),
    "a blank line": ("She has pain\n\nNo fever", 2),
    "CRLF": ("She has pain.\r\nNo fever.", 2),
    "glued": ("He took 5 mg.The pain went.", 2),
    "an ellipsis": ("Pain, cough ... No fever.", 2),
}


@pytest.mark.parametrize("case", CASES)
def test_sentences(case: str, reader: Any) -> None:
    text, n_sentences = CASES[case]
    sentences = [text[s.start : s.end] for s in reader.read(Note("n", text)).sentences]
    assert len(sentences) == n_sentences, sentences


def test_titles_are_in_no_sentence(reader: Any) -> None:
    text = "PREOPERATIVE DIAGNOSIS: Hernia.\nComplications: None."
    sentences = [text[s.start : s.end] for s in reader.read(Note("n", text)).sentences]
    assert sentences == ["Hernia.", "None."]
