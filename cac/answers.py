"""What all suggesters that learn ask of a question, and put into an answer."""

from __future__ import annotations

from cac.codes import Icd10cm
from cac.coding import Code, CodeSystem, Evidence
from cac.errors import BundleError, SettingsError
from cac.note import AnnotatedNote, Note, Span
from cac.rank import Convention


def title_of(codes: Icd10cm, code: Code) -> str:
    """Return the title of an ICD-10-CM code; nothing where the release does not hold it."""
    if code.system is CodeSystem.ICD10CM and codes.is_valid(code.value):
        return codes.title(code.value)
    return ""


def evidence_at(
    annotated: AnnotatedNote, span: Span, weight: float, mention: int | None = None
) -> Evidence:
    """Return a span as evidence, with its section and what is said of it.

    ``mention`` is one number for all pieces of a discontinuous mention.
    """
    section = annotated.section_at(span)
    return Evidence(
        span,
        annotated.note.text[span.start : span.end],
        section.category if section else "other",
        annotated.assertions_of(span)[0],
        round(weight, 4),
        mention,
    )


def require_convention(bundle: str, own: str, asked: Convention | None, *, mend: str) -> None:
    """Refuse another convention than a bundle's own; ``mend`` says what makes one of it.

    Raises:
        SettingsError: another is asked for.
    """
    if asked is not None and asked.name != own:
        raise SettingsError(
            f"Bundle {bundle} answers by the convention {own!r}, not"
            f" {asked.name!r}. Leave --convention out, or {mend}."
        )


def require_language(note: Note, language: str, *, made: str) -> None:
    """Refuse a note in another language than a bundle was ``made`` (learnt, trained) for.

    Raises:
        BundleError: naming the note and both languages.
    """
    if note.language != language:
        raise BundleError(
            f"Note {note.note_id} is in {note.language!r}; the bundle was {made} for"
            f" {language!r}. Name the language by --language, or another bundle."
        )
