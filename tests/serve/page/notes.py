"""Invented notes and canned suggestions for the tests of the page."""

from __future__ import annotations

from typing import Any

TEXT = (
    "Assessment:\n"
    "Acute on chronic systolic heart failure. Hypertension.\n"
    "No cough. Old stroke in 2011.\n"
    "Family history:\n"
    "Mother had breast cancer.\n"
)


def piece(text: str, words: str, assertion: str = "PRESENT", nth: int = 0) -> dict[str, Any]:
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return {
        "start": start, "end": start + len(words), "text": words, "section": "assessment",
        "assertion": assertion, "weight": 1.0, "mention": 1,
    }  # fmt: skip


def suggestion(
    code: str, title: str, evidence: list[dict[str, Any]], rank: int = 1, **more: Any
) -> dict[str, Any]:
    return {
        "system": "ICD-10-CM", "code": code, "description": title, "probability": 1 - rank / 100,
        "band": "review", "rank": rank, "evidence": evidence, "concerns": [], **more,
    }  # fmt: skip


def canned(text: str = TEXT) -> list[dict[str, Any]]:
    """Return three suggestions; the first two share words, the third is historical."""
    return [
        suggestion(
            "I50.23",
            "Acute on chronic systolic (congestive) heart failure",
            [piece(text, "Acute on chronic systolic heart failure"), piece(text, "Hypertension")],
        ),
        suggestion(
            "I10",
            "Essential (primary) hypertension",
            [piece(text, "heart failure. Hypertension")],
            2,
            concerns=[{"kind": "excludes1", "message": "Hypertension with heart failure: I11.0."}],
        ),
        suggestion(
            "Z86.73",
            "Personal history of transient ischemic attack and cerebral infarction",
            [piece(text, "Old stroke", "HISTORICAL")],
            3,
        ),
    ]


def rejected(text: str = TEXT) -> list[dict[str, Any]]:
    cough = piece(text, "cough", "NEGATED")
    cancer = piece(text, "breast cancer", "OTHER_SUBJECT")
    return [
        suggestion("R05.9", "Cough", [cough], 4, rejected_because="Negated in the note."),
        suggestion("C50.919", "Breast cancer", [cancer], 5, rejected_because="Someone else's."),
    ]
