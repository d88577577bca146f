"""Headers as they are really written, and header words that open nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cac.note import Note

HEADERS = [
    ("A/P:", "assessment_and_plan"),
    ("ASSESSMENT AND PLAN", "assessment_and_plan"),
    ("Assessment & Plan", "assessment_and_plan"),
    ("IMPRESSION/PLAN:", "assessment_and_plan"),
    ("Discharge Dx:", "discharge_diagnosis"),
    ("FINAL DIAGNOSES:", "discharge_diagnosis"),
    ("HPI:", "history_of_present_illness"),
    ("Interval history:", "history_of_present_illness"),
    ("PMHx:", "past_medical_history"),
    ("Past Medical Hx:", "past_medical_history"),
    ("PAST MEDICAL/SURGICAL HISTORY:", "past_medical_history"),
    ("1. CHIEF COMPLAINT:", "chief_complaint"),
    ("Reason for visit:", "chief_complaint"),
    ("**HPI**", "history_of_present_illness"),
    ("## Plan", "plan"),
    ("Brief Hospital Course:", "hospital_course"),
    ("Pertinent Results:", "other_results"),
    ("Meds:", "medications"),
    ("Home medications:", "medications"),
    ("Social Hx:", "social_history"),
    ("FH:", "family_history"),
    ("SH:", "social_history"),
    ("ROS:", "review_of_systems"),
    ("PE:", "physical_exam"),
    ("Labs:", "laboratory"),
    ("EKG:", "other_results"),
    ("CT head:", "imaging"),
    ("ED COURSE:", "emergency_course"),
    ("MDM:", "emergency_course"),
    ("Preoperative Diagnosis:", "preoperative_diagnosis"),
    ("POST-OP DIAGNOSIS:", "postoperative_diagnosis"),
    ("EBL:", "estimated_blood_loss"),
    ("DESCRIPTION OF PROCEDURE:", "operative_description"),
    ("Gross Description:", "gross_description"),
    ("FINAL PATHOLOGIC DIAGNOSIS:", "pathologic_diagnosis"),
    ("Technique:", "technique"),
    ("COMPARISON:", "comparison"),
    ("Discharge Medications:", "discharge_medications"),
    ("Return precautions:", "discharge_instructions"),
    ("CODE STATUS:", "code_status"),
    ("IMMUNIZATIONS", "immunizations"),
]
SPANISH = [
    ("Antecedentes personales:", "past_medical_history"),
    ("Enfermedad actual", "history_of_present_illness"),
    ("Exploración física:", "physical_exam"),
    ("JUICIO CLÍNICO:", "assessment"),
    ("Diagnóstico principal:", "discharge_diagnosis"),
    ("Tratamiento al alta:", "discharge_medications"),
    ("Evolución:", "hospital_course"),
    ("Antecedentes familiares:", "family_history"),
    ("MOTIVO DE CONSULTA", "chief_complaint"),
]
MID_SENTENCE = [
    "She denies any allergies: none were found in her chart.",
    "He denies any allergies to penicillin.",
    "There is a family history of stroke.",
    "The history of present illness was obtained from the wife.",
    "Her medications were reviewed with her.",
    "We made a plan to follow up.",
    "HE HAS NO KNOWN DRUG ALLERGIES.",
]


def categories(readers: Any, text: str, language: str = "en") -> list[str]:
    annotated = readers[language].read(Note("n", text, language=language))
    return [section.category for section in annotated.sections]


@pytest.mark.parametrize(("header", "category"), HEADERS)
def test_header_opens_its_section(header: str, category: str, readers: Any) -> None:
    text = f"Seen today in clinic.\n\n{header}\n\nSomething follows here."
    assert categories(readers, text) == ["other", category]


@pytest.mark.parametrize(("header", "category"), SPANISH)
def test_spanish_header_opens_its_section(header: str, category: str, readers: Any) -> None:
    text = f"Visto hoy.\n\n{header}\n\nAlgo sigue."
    assert categories(readers, text, "es") == ["other", category]


@pytest.mark.parametrize("sentence", MID_SENTENCE)
def test_header_word_in_mid_sentence_opens_nothing(sentence: str, readers: Any) -> None:
    assert categories(readers, sentence) == ["other"]


def test_there_are_many_categories(readers: Any) -> None:
    assert len({category for _, category in HEADERS}) >= 25


def test_flattened_line_ends(readers: Any) -> None:
    text = (
        "PREOPERATIVE DIAGNOSIS: , Hernia.,POSTOPERATIVE DIAGNOSIS: , Hernia.,PROCEDURES,"
        "1.  Repair.,2.  Mesh.,ANESTHESIA:,  Local."
    )
    assert categories(readers, text) == [
        "preoperative_diagnosis",
        "postoperative_diagnosis",
        "procedures",
        "anesthesia",
    ]


def test_inline_header_after_a_sentence(readers: Any) -> None:
    assert categories(readers, "The film was clear. Impression: pneumonia.") == [
        "other",
        "impression",
    ]


def test_headers_without_line_ends(readers: Any) -> None:
    text = "CC: cough HPI: three days of cough PMH: asthma Meds: albuterol"
    assert categories(readers, text)[:3] == [
        "chief_complaint",
        "history_of_present_illness",
        "past_medical_history",
    ]


def test_organ_systems_stay_in_their_section(readers: Any) -> None:
    text = (
        "REVIEW OF SYSTEMS\n\n• Cardiovascular: No pain.\n• Psychiatric: Sad.\n\n"
        "PHYSICAL EXAMINATION\n\n• Cardiovascular: Murmur.\nSkin: Warm.\nNEURO: Alert."
    )
    assert categories(readers, text) == ["review_of_systems", "physical_exam"]


def test_problems_stay_in_the_plan(readers: Any) -> None:
    text = (
        "A/P:\n# Diabetes\nContinue metformin.\n1. Pneumonia - treat\n2. Labs: pending\n\n"
        "Hypothyroidism.\n• Medications: levothyroxine."
    )
    assert categories(readers, text) == ["assessment_and_plan"]


def test_subheads_of_a_discharge_diagnosis_stay(readers: Any) -> None:
    text = "Discharge Diagnosis:\nPrimary:\nSepsis\nSecondary:\nGout"
    assert categories(readers, text) == ["discharge_diagnosis"]


def test_an_unknown_header_ends_the_family_history(readers: Any) -> None:
    text = "FAMILY HISTORY: Father had gout.\nSPACE TRAVEL: Moon sickness."
    assert categories(readers, text) == ["family_history", "other"]


def test_a_procedure_that_is_told_is_a_description(readers: Any) -> None:
    assert categories(readers, "PROCEDURE: The patient was prepped.") == ["operative_description"]
    assert categories(readers, "PROCEDURE: Appendectomy.") == ["procedures"]
