"""Codes to resources: Condition, Procedure, a draft Claim, and their Provenance."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cac.coding import Code
from cac.note import Setting, Span
from serve.fhir.codes import DIAGNOSES, LINE_ITEMS, ShownCode
from serve.fhir.documents import Document
from serve.fhir.validation import Release, validated

_HL7 = "http://terminology.hl7.org/CodeSystem/"
AI_ASSERTED = {
    "system": f"{_HL7}v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}
SPAN = "urn:cac:fhir:evidence-span"
"""Extension with ``start`` and ``end``, half-open characters of the decoded attachment, markup
included; ``text``, these words as they were read; and ``content``, which content counting from 0.
"""
PROBABILITY = "urn:cac:fhir:probability"
_IDS = uuid.UUID("6f0d7c1e-6d0e-4a53-8a0e-5f6b0f0f3a11")
_POA = {"Y": "y", "N": "n", "U": "u", "W": "w"}


def answer_bundle(
    document: Document,
    codes: Sequence[ShownCode],
    *,
    release: Release,
    model_version: str,
    at: datetime,
    coder: str = "",
) -> dict[str, Any]:
    """Return a validated Bundle of all that follows from the codes of one document."""
    made = _Maker(document, release)
    shown = [code for code in codes if code.code.system not in LINE_ITEMS]
    resources = {made.url(code.code): made.resource(code) for code in shown}
    resources[made.url("claim")] = made.claim([c for c in codes if not c.is_rejected], at)
    by_model = [made.url(c.code) for c in shown if c.probability is not None]
    by_coder = [made.url(c.code) for c in shown if c.is_decided]
    model = _agent("assembler", "Device", f"cac {model_version}")
    resources[made.url("model")] = made.provenance([*by_model, made.url("claim")], model, at)
    resources[made.url("model")]["meta"] = {"security": [AI_ASSERTED]}
    if coder and by_coder:
        person = _agent("verifier", "Practitioner", coder)
        resources[made.url("coder")] = made.provenance(by_coder, person, at)
    entries = [
        {"fullUrl": url, "resource": validated(resource, release)}
        for url, resource in resources.items()
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return validated(bundle, release)


class _Maker:
    def __init__(self, document: Document, release: Release) -> None:
        self._document = document
        self._release = release

    def url(self, of: Code | str) -> str:
        """Return the name of a resource: of one document and code the same in every answer."""
        name = f"{of.system.uri}|{of.value}" if isinstance(of, Code) else of
        return f"urn:uuid:{uuid.uuid5(_IDS, f'{self._document.reference}#{name}')}"

    def resource(self, shown: ShownCode) -> dict[str, Any]:
        """Return a Condition for a diagnosis, a Procedure otherwise."""
        if shown.code.system in DIAGNOSES:
            return self._condition(shown)
        status = _status(shown, accepted="completed", undecided="unknown")
        return {"resourceType": "Procedure", "status": status, **self._common(shown)}

    def _condition(self, shown: ShownCode) -> dict[str, Any]:
        status = _status(shown, accepted="confirmed", undecided="provisional")
        source = {"reference": self._document.reference}
        spans = {"extension": [self._span(span) for span in shown.evidence]}
        evidence = {"detail": [source]} if self._release is Release.R4 else {"reference": source}
        return {
            "resourceType": "Condition",
            **self._clinical_status(),
            "category": [_concept("condition-category", "encounter-diagnosis")],
            "verificationStatus": _concept("condition-ver-status", status),
            **self._common(shown),
            **({"evidence": [evidence | spans]} if shown.evidence else {}),
        }

    def _clinical_status(self) -> dict[str, Any]:
        """A code does not tell it; R5 needs one, and R4 has no word for not known."""
        if self._release is Release.R4:
            return {}
        return {"clinicalStatus": _concept("condition-clinical", "unknown")}

    def _common(self, shown: ShownCode) -> dict[str, Any]:
        found: dict[str, Any] = {
            "code": _code(shown),
            "subject": dict(self._document.subject),
        }
        if self._document.encounter:
            found["encounter"] = dict(self._document.encounter)
        if shown.probability is not None:
            found["meta"] = {"security": [AI_ASSERTED]}
            value = round(shown.probability, 4)
            found["extension"] = [{"url": PROBABILITY, "valueDecimal": value}]
        if shown.code.system not in DIAGNOSES:
            found.setdefault("extension", []).extend(self._span(s) for s in shown.evidence)
            if not found["extension"]:
                del found["extension"]
        return found

    def _span(self, span: Span) -> dict[str, Any]:
        source = self._document.extracted.source_span(span)
        parts: list[dict[str, Any]] = [
            {"url": "start", "valueInteger": source.start},
            {"url": "end", "valueInteger": source.end},
            {"url": "text", "valueString": self._document.extracted.text[span.start : span.end]},
        ]
        if self._document.content is not None:
            parts.append({"url": "content", "valueInteger": self._document.content})
        return {"url": SPAN, "extension": parts}

    def claim(self, codes: Sequence[ShownCode], at: datetime) -> dict[str, Any]:
        """Return a draft: who provides and who insures is for others to say."""
        unknown = {"display": "not stated"}
        diagnoses = [c for c in codes if c.code.system in DIAGNOSES]
        items = [c for c in codes if c.code.system in LINE_ITEMS]
        procedures = [c for c in codes if c not in diagnoses and c not in items]
        inpatient = procedures or self._document.note.setting is Setting.INPATIENT
        lists = {
            "diagnosis": [_diagnosis(n, c) for n, c in enumerate(diagnoses, 1)],
            "procedure": [
                {"sequence": n, "procedureCodeableConcept": _code(c)}
                for n, c in enumerate(procedures, 1)
            ],
            "item": [{"sequence": n, "productOrService": _code(c)} for n, c in enumerate(items, 1)],
        }
        return {
            "resourceType": "Claim",
            "meta": {"security": [AI_ASSERTED]},
            "status": "draft",
            "type": _concept("claim-type", "institutional" if inpatient else "professional"),
            "use": "claim",
            "patient": dict(self._document.subject),
            "created": at.isoformat(),
            "provider": unknown,
            "priority": _concept("processpriority", "normal"),
            "insurance": [{"sequence": 1, "focal": True, "coverage": unknown}],
            **{name: found for name, found in lists.items() if found},
        }

    def provenance(
        self, targets: Sequence[str], agent: dict[str, Any], at: datetime
    ) -> dict[str, Any]:
        """Return who made, or who checked, resources from the document."""
        return {
            "resourceType": "Provenance",
            "target": [{"reference": target} for target in targets],
            "recorded": at.isoformat(),
            "agent": [agent],
            "entity": [{"role": "source", "what": {"reference": self._document.reference}}],
        }


def _diagnosis(number: int, shown: ShownCode) -> dict[str, Any]:
    found: dict[str, Any] = {"sequence": number, "diagnosisCodeableConcept": _code(shown)}
    if shown.is_principal:
        found["type"] = [_concept("ex-diagnosistype", "principal")]
    if shown.poa in _POA:
        found["onAdmission"] = _concept("ex-diagnosis-on-admission", _POA[shown.poa])
    return found


def _code(shown: ShownCode) -> dict[str, Any]:
    coding = {"system": shown.code.system.uri, "code": shown.code.value}
    if shown.description:
        coding["display"] = shown.description
    return {"coding": [coding]}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{_HL7}{system}", "code": code}]}


def _status(shown: ShownCode, *, accepted: str, undecided: str) -> str:
    if shown.is_rejected:
        return "entered-in-error"  # a coder rules out the code, not the disease: not `refuted`
    return accepted if shown.is_accepted else undecided


def _agent(kind: str, type_: str, display: str) -> dict[str, Any]:
    return {
        "type": _concept("provenance-participant-type", kind),
        "who": {"type": type_, "display": display},
    }
