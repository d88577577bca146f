"""Documents in, resources out, in both releases."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fhir.resources import get_fhir_model_class as of_r5
from fhir.resources.R4B import get_fhir_model_class as of_r4

from ..waiting import wait_for

MODELS = {"R4": of_r4, "R5": of_r5}
TEXT = "🙂 Assessment: CKD, gout. No chest pain."
HTML = "<p>Assessment: CKD &amp; <b>gout</b></p>"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serve_at: Callable[..., Any]) -> Iterator[Any]:
    with serve_at(tmp_path_factory.mktemp("fhir")) as given:
        yield given


def document(release: str, text: str = TEXT, kind: str = "text/plain", **more: Any) -> Any:
    data = base64.b64encode(text.encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "id": "doc-1",
        "status": "current",
        "subject": {"reference": "Patient/p1"},
        "content": [{"attachment": {"contentType": kind, "data": data}}],
        **more,
    }


def ask(served: Any, release: str, resource: Any, query: str = "") -> Any:
    sent = served.keys["reader"] | {"Content-Type": "application/fhir+json"}
    return served.client.post(f"/v1/fhir/{release}/suggest{query}", json=resource, headers=sent)


def resources(bundle: Any, kind: str) -> list[Any]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [r for r in found if r["resourceType"] == kind]


def spans(resource: Any) -> list[tuple[int, int]]:
    found = [e["extension"] for e in resource["evidence"][0]["extension"]]
    return [(start["valueInteger"], end["valueInteger"]) for start, end in found]


@pytest.mark.parametrize("release", MODELS)
def test_a_document_is_answered_with_valid_provisional_resources(served: Any, release: str) -> None:
    answer = ask(served, release, document(release))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/fhir+json"
    bundle = answer.json()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        MODELS[release](resource["resourceType"]).model_validate(resource)
        if resource["resourceType"] != "Provenance":
            assert [c["code"] for c in resource["meta"]["security"]] == ["AIAST"]
    conditions = resources(bundle, "Condition")
    assert [c["code"]["coding"][0]["code"] for c in conditions] == ["N18.9", "M10.9"]
    for condition, word in zip(conditions, ("CKD", "gout"), strict=True):
        assert condition["verificationStatus"]["coding"][0]["code"] == "provisional"
        assert condition["subject"] == {"reference": "Patient/p1"}
        assert [TEXT[start:end] for start, end in spans(condition)] == [word]
    [claim] = resources(bundle, "Claim")
    assert claim["status"] == "draft"
    assert [d["sequence"] for d in claim["diagnosis"]] == [1, 2]
    [provenance] = resources(bundle, "Provenance")
    assert len(provenance["target"]) == 3
    assert provenance["agent"][0]["who"]["display"] == "cac stub-1"
    assert provenance["entity"][0]["what"]["reference"] == "DocumentReference/doc-1"


def test_offsets_are_those_of_the_markup(served: Any) -> None:
    bundle = ask(served, "R4", document("R4", HTML, "text/html")).json()
    found = [HTML[a:b] for c in resources(bundle, "Condition") for a, b in spans(c)]
    assert found == ["CKD", "gout"]


def test_a_bundle_gives_setting_binary_and_date(served: Any) -> None:
    asked: list[Any] = []
    good = served.suggester.suggest
    served.suggester.suggest = lambda note, **o: asked.append(note) or good(note, **o)
    data = base64.b64encode(b"gout").decode()
    first = document("R4", context={"encounter": [{"reference": "Encounter/e1"}],
                                    "period": {"start": "2026-10-02T08:00:00Z"}})  # fmt: skip
    second = document("R4")
    second["content"] = [{"attachment": {"contentType": "text/plain", "url": "urn:uuid:b"}}]
    encounter = {
        "resourceType": "Encounter", "id": "e1", "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
    }  # fmt: skip
    binary = {"resourceType": "Binary", "contentType": "text/plain", "data": data}
    entries = [{"resource": r} for r in (first, second, encounter)]
    entries.append({"fullUrl": "urn:uuid:b", "resource": binary})
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    answer = ask(served, "R4", bundle, "?setting=outpatient")
    served.suggester.suggest = good
    assert answer.status_code == 200, answer.text
    assert [n.setting for n in asked] == ["inpatient", "outpatient"]
    assert [str(n.service_date) for n in asked] == ["2026-10-02", "None"]
    assert asked[1].text == "gout"
    assert len(answer.json()["entry"]) == 2


SECRET = "Marmaduke Quill"


@pytest.mark.parametrize(
    "resource",
    [
        None,
        [SECRET],
        {"resourceType": "Patient", "id": "x"},
        {"resourceType": SECRET},
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "DocumentReference", "status": "current"},
        {"resourceType": "DocumentReference", "status": [SECRET], SECRET: SECRET},
        document("R4", text=" "),
        document("R4", text=SECRET, kind="application/pdf"),
        document("R4", text="<!DOCTYPE a [<!ENTITY x 'Marmaduke'>]><a>&x;</a>", kind="text/xml"),
        document("R4", language="de"),
    ],
)
def test_what_is_no_document_is_refused_without_an_echo(served: Any, resource: Any) -> None:
    answer = ask(served, "R4", resource)
    assert answer.status_code == 422
    assert "Marmaduke" not in answer.text


@pytest.mark.parametrize("release", MODELS)
def test_a_reviewed_note_is_confirmed_with_its_verifier(
    client: Any, keys: Any, release: str
) -> None:
    body = {"note_id": "n1", "text": TEXT, "patient_id": "p1", "setting": "inpatient"}
    id_ = client.post("/v1/notes", json=body, headers=keys["coder"]).json()["id"]
    claim = f"/v1/notes/{id_}/claim"
    wait_for(lambda: client.post(claim, headers=keys["coder"]).is_success, "the note is claimed")
    ckd = {"system": "ICD-10-CM", "value": "N18.9"}
    pcs = {"system": "ICD-10-PCS", "value": "0DTJ4ZZ"}
    visit = {"system": "CPT", "value": "99213"}
    sent = {"expected_version": 0, "decisions": [
        {"kind": "accept", "code": ckd}, {"kind": "principal", "code": ckd},
        {"kind": "poa", "code": ckd, "poa": "Y"}, {"kind": "add", "code": pcs},
        {"kind": "add", "code": visit},
    ]}  # fmt: skip
    decided = client.post(f"/v1/notes/{id_}/decisions", json=sent, headers=keys["coder"])
    assert decided.status_code == 200, decided.text
    bundle = client.get(f"/v1/fhir/{release}/notes/{id_}", headers=keys["auditor"]).json()
    MODELS[release]("Bundle").model_validate(bundle)
    status = {
        c["code"]["coding"][0]["code"]: c["verificationStatus"]["coding"][0]["code"]
        for c in resources(bundle, "Condition")
    }
    assert status == {"N18.9": "confirmed", "M10.9": "provisional"}
    [procedure] = resources(bundle, "Procedure")
    assert procedure["status"] == "completed"
    assert "meta" not in procedure
    [claim] = resources(bundle, "Claim")
    first = claim["diagnosis"][0]
    assert first["type"][0]["coding"][0]["code"] == "principal"
    assert first["onAdmission"]["coding"][0]["code"] == "y"
    assert claim["item"][0]["productOrService"]["coding"][0]["code"] == "99213"
    [provenance] = resources(bundle, "Provenance")
    assert [a["who"]["display"] for a in provenance["agent"]] == ["cac stub-1", "coder"]
