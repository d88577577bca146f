"""What all suggesters that learn put into an answer: titles, and evidence read where it stands."""

from __future__ import annotations

from cac.codes import Icd10cm
from cac.coding import Code, CodeSystem, Evidence
from cac.note import AnnotatedNote, Span


def title_of(codes: Icd10cm, code: Code) -> str:
    """Return the title of an ICD-10-CM code; nothing where the release does not hold it."""
    if code.system is CodeSystem.ICD10CM and codes.is_valid(code.value):
        return codes.title(code.value)
    return ""


def evidence_at(annotated: AnnotatedNote, span: Span, weight: float) -> Evidence:
    """Return a span as evidence, with its section and what is said of it."""
    section = annotated.section_at(span)
    return Evidence(
        span,
        annotated.note.text[span.start : span.end],
        section.category if section else "other",
        annotated.assertions_of(span)[0],
        round(weight, 4),
    )
