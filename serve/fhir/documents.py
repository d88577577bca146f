"""A DocumentReference, or a Bundle with some, to notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cac.inputs.fields import LANGUAGES, MAX_CHARACTERS
from cac.note import Note, Setting
from serve.errors import DecisionError
from serve.fhir.attachments import attachment_text
from serve.fhir.extracted import Extracted

Resource = Mapping[str, Any]
_SETTINGS = {
    "AMB": Setting.OUTPATIENT,
    "EMER": Setting.EMERGENCY,
    "IMP": Setting.INPATIENT,
    "ACUTE": Setting.INPATIENT,
    "NONAC": Setting.INPATIENT,
}
"""Encounter classes (v3-ActCode) that decide the guidelines."""


@dataclass(frozen=True, slots=True)
class Document:
    """A note with what its DocumentReference says around it."""

    note: Note
    extracted: Extracted
    reference: str
    subject: Resource
    encounter: Resource | None


def documents_of(resource: Resource, *, setting: Setting | None = None) -> list[Document]:
    """Return the documents; ``setting`` is for those whose encounter is not in the Bundle.

    Raises:
        DecisionError: there is none, or one that cannot be read; the place is named.
    """
    kind = resource.get("resourceType")
    if kind == "DocumentReference":
        return [_document(resource, "", {}, setting, 0)]
    if kind != "Bundle":
        raise DecisionError("resourceType may be DocumentReference or Bundle.")
    entries = [(e.get("fullUrl", ""), e["resource"]) for e in _entries(resource)]
    others = dict(_named(entries))
    found = [(url, r) for url, r in entries if r.get("resourceType") == "DocumentReference"]
    if not found:
        raise DecisionError("The Bundle has no DocumentReference.")
    return [_document(r, url, others, setting, place) for place, (url, r) in enumerate(found)]


def _entries(bundle: Resource) -> Iterator[Resource]:
    return (entry for entry in bundle.get("entry", ()) if entry.get("resource"))


def _named(entries: list[tuple[str, Resource]]) -> Iterator[tuple[str, Resource]]:
    for url, resource in entries:
        if url:
            yield url, resource
        if "id" in resource:
            yield f"{resource['resourceType']}/{resource['id']}", resource


def _document(
    resource: Resource,
    url: str,
    others: Mapping[str, Resource],
    setting: Setting | None,
    place: int,
) -> Document:
    try:
        extracted, language = _content(resource, others)
        encounter = _encounter(resource)
        known = others.get(str((encounter or {}).get("reference", "")), {})
        note = Note(
            note_id=str(resource.get("id") or f"document-{place + 1}"),
            text=extracted.text,
            language=language,
            setting=_setting(known) or setting,
            service_date=_day(resource),
        )
    except DecisionError as error:
        raise DecisionError(f"Document {place}: {error}") from None
    reference = url or f"DocumentReference/{note.note_id}"
    return Document(note, extracted, reference, resource.get("subject") or _NOBODY, encounter)


_NOBODY = {"display": "not stated"}


def _content(resource: Resource, others: Mapping[str, Resource]) -> tuple[Extracted, str]:
    attachments = [content.get("attachment", {}) for content in resource.get("content", ())]
    if len(attachments) != 1:
        raise DecisionError(
            f"It has {len(attachments)} contents. One is read: send each as a document of its own."
        )
    attachment = dict(attachments[0])
    binary = others.get(str(attachment.get("url", "")), {})
    if binary.get("resourceType") == "Binary":
        attachment = {"contentType": binary.get("contentType")} | attachment
        attachment["data"] = binary.get("data")
    extracted = attachment_text(attachment)
    if not extracted.text.strip() or "\0" in extracted.text:
        raise DecisionError("Its text is empty, or holds a NUL.")
    if len(extracted.text) > MAX_CHARACTERS:
        raise DecisionError(f"Its text is longer than {MAX_CHARACTERS:,} characters.")
    return extracted, _language(attachment.get("language") or resource.get("language") or "en")


def _language(tag: str) -> str:
    language = tag[:2].lower()
    if language not in LANGUAGES:
        raise DecisionError(f"Its language may be {', '.join(LANGUAGES)}.")
    return language


def _encounter(resource: Resource) -> Resource | None:
    """Return the reference to the encounter: R4 puts one into an object, R5 several in a list."""
    context = resource.get("context") or {}
    listed = context.get("encounter", ()) if isinstance(context, Mapping) else context
    return next(iter(listed), None)


def _setting(encounter: Resource) -> Setting | None:
    kind = encounter.get("class") or {}
    concepts = [kind] if isinstance(kind, Mapping) else kind
    for concept in concepts:
        for coding in concept.get("coding", [concept]):
            if coding.get("code") in _SETTINGS:
                return _SETTINGS[coding["code"]]
    return None


def _day(resource: Resource) -> date | None:
    context = resource.get("context")
    period = context.get("period") if isinstance(context, Mapping) else resource.get("period")
    stated = (period or {}).get("start") or resource.get("date") or ""
    try:
        return date.fromisoformat(str(stated)[:10])
    except ValueError:
        return None  # a year or a month alone picks no release
