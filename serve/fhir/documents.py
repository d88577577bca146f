"""A DocumentReference, or a Bundle with some, to notes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cac.inputs.fields import LANGUAGES
from cac.note import Note, Setting
from serve.errors import DecisionError
from serve.fhir.attachments import attachment_text, is_readable
from serve.fhir.extracted import Extracted

Resource = Mapping[str, Any]
_SETTINGS = {
    "AMB": Setting.OUTPATIENT,
    "EMER": Setting.EMERGENCY,
    "IMP": Setting.INPATIENT,
    "ACUTE": Setting.INPATIENT,
    "NONAC": Setting.INPATIENT,
    "OBSENC": Setting.OUTPATIENT,  # observation is billed as an outpatient's
    "VR": Setting.OUTPATIENT,
}
"""Encounter classes (v3-ActCode) that decide the guidelines."""


@dataclass(frozen=True, slots=True)
class Document:
    """A note with what its DocumentReference says around it.

    ``content`` counts from 0 and is the one of its contents that was read; None: it has none.
    """

    note: Note
    extracted: Extracted
    reference: str
    subject: Resource
    encounter: Resource | None
    content: int | None = None


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
        if resource.get("status") == "entered-in-error":
            raise DecisionError("It was entered in error, and is not coded. Leave it out.")
        place_of_content, attachment = _attachment(resource, others)
        extracted = _extracted(attachment)
        encounter = _encounter(resource)
        known = others.get(str((encounter or {}).get("reference", "")), {})
        known_setting = _setting(known) or setting
        note = Note(
            note_id=str(resource.get("id") or f"document-{place + 1}"),
            text=extracted.text,
            language=_language(attachment.get("language") or resource.get("language") or "en"),
            setting=known_setting,
            service_date=_day(resource, known, known_setting),
        )
    except DecisionError as error:
        raise DecisionError(f"Document {place}: {error}") from None
    reference = url or _reference(resource, extracted)
    subject = resource.get("subject") or _NOBODY
    return Document(note, extracted, reference, subject, encounter, place_of_content)


def _reference(resource: Resource, extracted: Extracted) -> str:
    """Return the name of a document; one without an id is named by its text."""
    if "id" in resource:
        return f"DocumentReference/{resource['id']}"
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, extracted.text)}"


_NOBODY = {"display": "not stated"}


def _attachment(resource: Resource, others: Mapping[str, Resource]) -> tuple[int, dict[str, Any]]:
    """Return the content that is read, and which it is.

    Several contents are one document in several formats (the specification allows nothing else):
    the first that can be read stands for all.
    """
    contents = resource.get("content") or [{}]
    found = [_with_binary(content.get("attachment") or {}, others) for content in contents]
    readable = (place for place, attachment in enumerate(found) if is_readable(attachment))
    place = next(readable, 0)
    return place, found[place]


def _with_binary(attachment: Resource, others: Mapping[str, Resource]) -> dict[str, Any]:
    binary = others.get(str(attachment.get("url", "")), {})
    if binary.get("resourceType") != "Binary" or attachment.get("data"):
        return dict(attachment)
    return {"contentType": binary.get("contentType"), **attachment, "data": binary.get("data")}


def _extracted(attachment: Resource) -> Extracted:
    extracted = attachment_text(attachment)
    if not extracted.text.strip() or "\0" in extracted.text:
        raise DecisionError("Its text is empty, or holds a NUL.")
    return extracted


def _language(tag: str) -> str:
    language = tag[:2].lower()
    if language not in LANGUAGES:
        raise DecisionError(f"Its language may be {', '.join(LANGUAGES)}.")
    return language


def _encounter(resource: Resource) -> Resource | None:
    """Return the reference to the encounter: R4 puts one into an object, R5 several in a list."""
    context = resource.get("context") or {}
    listed = context.get("encounter") or () if isinstance(context, Mapping) else context
    return next((r for r in listed if _is_encounter(r)), None)


def _is_encounter(reference: Resource) -> bool:
    """Tell an encounter from an episode of care or an appointment, as far as it says."""
    parts = str(reference.get("reference") or "").split("/")
    return "Encounter" in (parts if len(parts) > 1 else reference.get("type") or "Encounter")


def _setting(encounter: Resource) -> Setting | None:
    kind = encounter.get("class") or {}
    concepts = [kind] if isinstance(kind, Mapping) else kind
    for concept in concepts:
        for coding in concept.get("coding", [concept]):
            if coding.get("code") in _SETTINGS:
                return _SETTINGS[coding["code"]]
    return None


def _day(resource: Resource, encounter: Resource, setting: Setting | None) -> date | None:
    """Return the day that decides the release: of discharge for inpatients, else of the visit."""
    context = resource.get("context")
    documented = context.get("period") if isinstance(context, Mapping) else resource.get("period")
    stayed = encounter.get("period") or encounter.get("actualPeriod")  # R4, R5
    periods = [period for period in (documented, stayed) if period]
    starts = [period.get("start") for period in periods]
    ends = [period.get("end") for period in reversed(periods)]
    days = [*ends, *starts] if setting is Setting.INPATIENT else starts
    stated = next((day for day in days if day), None) or resource.get("date") or ""
    try:
        return date.fromisoformat(str(stated)[:10])
    except ValueError:
        return None  # a year or a month alone picks no release
