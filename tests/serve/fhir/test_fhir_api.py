"""Documents in, resources out, in both releases."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources import get_fhir_model_class as of_r5
from fhir.resources.R4B import get_fhir_model_class as of_r4
from sqlalchemy import select

from cac.note import Setting
from serve.fhir.documents import documents_of
from serve.store.notes import note_row
from serve.store.tables import LogRow

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


def parts(resource: Any) -> list[dict[str, Any]]:
    """The parts of each extension that tells a piece of evidence."""
    found = [e["extension"] for e in resource["evidence"][0]["extension"]]
    return [{p["url"]: p.get("valueInteger", p.get("valueString")) for p in e} for e in found]


def spans(resource: Any) -> list[tuple[int, int]]:
    return [(part["start"], part["end"]) for part in parts(resource)]


def status_of(bundle: Any) -> dict[str, str]:
    return {
        c["code"]["coding"][0]["code"]: c["verificationStatus"]["coding"][0]["code"]
        for c in resources(bundle, "Condition")
    }


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
        assert condition["category"][0]["coding"][0]["code"] == "encounter-diagnosis"
        assert ("clinicalStatus" in condition) == (release == "R5")
        [part] = parts(condition)
        assert TEXT[part["start"] : part["end"]] == part["text"] == word
        assert part["content"] == 0
    [claim] = resources(bundle, "Claim")
    assert claim["status"] == "draft"
    assert [d["sequence"] for d in claim["diagnosis"]] == [1, 2]
    [provenance] = resources(bundle, "Provenance")
    assert len(provenance["target"]) == 3
    assert provenance["agent"][0]["who"] == {"type": "Device", "display": "cac stub-1"}
    assert provenance["entity"][0]["what"]["reference"] == "DocumentReference/doc-1"


def test_offsets_are_those_of_the_markup(served: Any) -> None:
    bundle = ask(served, "R4", document("R4", HTML, "text/html")).json()
    found = [HTML[a:b] for c in resources(bundle, "Condition") for a, b in spans(c)]
    assert found == ["CKD", "gout"]


PARTS = (
    "<!-- gout --><script>var gout = '<p>';</script><style>.gout{}</style>"
    "<ul><li>a<ul><li>CKD&#160;&lt;3b&gt;</li></ul></li></ul>"
    "<table><tr><td>x<table><tr><td>asth<b>ma</b></td></tr></table></td></tr></table>"
)


def test_evidence_is_found_again_in_whatever_markup(served: Any) -> None:
    bundle = ask(served, "R5", document("R5", PARTS, "text/html")).json()
    found = {part["text"]: part for c in resources(bundle, "Condition") for part in parts(c)}
    assert list(found) == ["CKD", "asthma"]
    written = {text: PARTS[p["start"] : p["end"]] for text, p in found.items()}
    assert written == {"CKD": "CKD", "asthma": "asth<b>ma"}


def contents(*given: tuple[str, str]) -> list[Any]:
    return [
        {"attachment": {"contentType": kind, "data": base64.b64encode(text.encode()).decode()}}
        for kind, text in given
    ]


def test_of_several_formats_of_a_document_the_first_readable_one_is_read(served: Any) -> None:
    formats = contents(("application/pdf", "%PDF"), ("text/html", HTML), ("text/plain", "asthma"))
    formats.insert(0, {"attachment": {"contentType": "text/plain", "url": "http://elsewhere/1"}})
    bundle = ask(served, "R4", document("R4", content=formats)).json()
    found = [part for c in resources(bundle, "Condition") for part in parts(c)]
    assert [(p["text"], p["content"]) for p in found] == [("CKD", 2), ("gout", 2)]


def issue_of(answer: Any) -> Any:
    """The one issue of a refusal, which is an OperationOutcome in both releases."""
    assert answer.headers["Content-Type"] == "application/fhir+json"
    for model in MODELS.values():
        model("OperationOutcome").model_validate(answer.json())
    [issue] = answer.json()["issue"]
    return issue


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (contents(("application/pdf", "%PDF")), "application/pdf is not read"),
        (contents(("text/rtf", "{rtf1}")), "text/rtf is not read"),
        ([{"attachment": {"url": "http://169.254.169.254/"}}], "is not fetched"),
        ([{"attachment": {"contentType": "text/plain", "data": "Z291dA--"}}], "no base64"),
        (contents(("text/xml", "<d><component><nonXMLBody/></component></d>")), "nonXMLBody"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_not_read(served: Any, content: Any, told: str) -> None:
    answer = ask(served, "R4", document("R4", content=content))
    assert answer.status_code == 422
    assert told in issue_of(answer)["diagnostics"]


def test_base64_may_be_wrapped_as_in_mail(served: Any) -> None:
    wrapped = document("R4", "gout " * 40)
    data = base64.encodebytes(b"gout " * 40).decode()
    wrapped["content"][0]["attachment"]["data"] = data.replace("\n", "\r\n")
    assert len(data.split()) > 1
    assert status_of(ask(served, "R4", wrapped).json()) == {"M10.9": "provisional"}


@pytest.mark.parametrize("kind", ["transaction", "searchset", "collection"])
def test_a_bundle_of_any_type_is_read(served: Any, kind: str) -> None:
    entry: dict[str, Any] = {
        "fullUrl": "http://ehr.example/fhir/DocumentReference/7", "resource": document("R5"),
    }  # fmt: skip
    entry["resource"]["context"] = [
        {"reference": "EpisodeOfCare/1"}, {"reference": "http://ehr.example/fhir/Encounter/2"},
    ]  # fmt: skip
    if kind == "transaction":
        entry["request"] = {"method": "POST", "url": "DocumentReference"}
    if kind == "searchset":
        entry["search"] = {"mode": "match"}
    patient = {"resource": {"resourceType": "Patient", "id": "p1"}} | {
        key: entry[key] for key in ("request", "search") if key in entry
    }
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [patient, entry]}
    answer = ask(served, "R5", bundle)
    assert answer.status_code == 200, answer.text
    [first, _] = resources(answer.json(), "Condition")
    assert first["encounter"]["reference"] == "http://ehr.example/fhir/Encounter/2"
    assert first["evidence"][0]["reference"]["reference"] == entry["fullUrl"]


def test_documents_without_an_id_are_told_apart(served: Any) -> None:
    def name(text: str) -> str:
        sent = {k: v for k, v in document("R4", text).items() if k != "id"}
        return str(ask(served, "R4", sent).json()["entry"][0]["fullUrl"])

    assert name("gout") == name("gout")
    assert name("gout") != name("gout again")


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
        document("R4", status="entered-in-error"),
    ],
)
def test_what_is_no_document_is_refused_without_an_echo(served: Any, resource: Any) -> None:
    answer = ask(served, "R4", resource)
    assert answer.status_code == 422
    assert issue_of(answer)["code"] == "invalid"
    assert "Marmaduke" not in answer.text


def test_every_refusal_is_an_operation_outcome(served: Any) -> None:
    path, good = "/v1/fhir/R4/suggest", document("R4")
    bare = {"Content-Type": "application/fhir+json"}
    scopeless = served.keys["reader"] | bare
    refused = [
        served.client.post(path, json=good, headers=bare),
        served.client.post(path, content=b"{", headers=scopeless),
        served.client.post(path, content=b"<a/>", headers=scopeless | {"Content-Type": "a/xml"}),
        served.client.post(f"{path}?setting=x", json=good, headers=scopeless),
        served.client.get("/v1/fhir/R4/notes/n_0", headers=scopeless),
    ]
    found = [(answer.status_code, issue_of(answer)["code"]) for answer in refused]
    assert found == [
        (401, "login"), (400, "structure"), (415, "not-supported"), (422, "invalid"),
        (404, "not-found"),
    ]  # fmt: skip
    assert refused[0].headers["WWW-Authenticate"].startswith("Bearer")
    assert issue_of(refused[3])["diagnostics"].startswith("query /setting: one of 'inpatient'")
    served.app.state.engine._stopping = True
    busy = ask(served, "R4", good)
    served.app.state.engine._stopping = False
    assert (busy.status_code, issue_of(busy)["code"]) == (503, "transient")
    assert int(busy.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("release", "name"), [("R4", "period"), ("R5", "actualPeriod")])
@pytest.mark.parametrize(("kind", "day"), [("IMP", "2026-10-03"), ("AMB", "2026-09-28")])
def test_the_release_of_a_stay_is_that_of_the_discharge(
    served: Any, release: str, name: str, kind: str, day: str
) -> None:
    asked: list[Any] = []
    good = served.suggester.suggest
    served.suggester.suggest = lambda note, **o: asked.append(note) or good(note, **o)
    reference = {"reference": "Encounter/e1"}
    around = {"encounter": [reference]} if release == "R4" else [reference]
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": kind}
    encounter = {
        "resourceType": "Encounter", "id": "e1",
        "status": "finished" if release == "R4" else "completed",
        "class": coding if release == "R4" else [{"coding": [coding]}],
        name: {"start": "2026-09-28", "end": "2026-10-03"},
    }  # fmt: skip
    entries = [{"resource": r} for r in (document(release, context=around), encounter)]
    answer = ask(served, release, {"resourceType": "Bundle", "type": "batch", "entry": entries})
    served.suggester.suggest = good
    assert answer.status_code == 200, answer.text
    assert [str(note.service_date) for note in asked] == [day]


def entries_of(bundle: Any) -> list[Any]:
    return [e for e in bundle["entry"] if e["resource"]["resourceType"] == "Condition"]


def reviewed(client: Any, keys: Any, release: str, id_: str) -> Any:
    answer = client.get(f"/v1/fhir/{release}/notes/{id_}", headers=keys["auditor"])
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("release", MODELS)
def test_a_reviewed_note_is_confirmed_with_its_verifier(
    client: Any, keys: Any, release: str
) -> None:
    text = f"{TEXT} Asthma."
    body = {"note_id": "n1", "text": text, "patient_id": "p1", "setting": "inpatient"}
    id_ = client.post("/v1/notes", json=body, headers=keys["coder"]).json()["id"]
    path = f"/v1/notes/{id_}/claim"
    wait_for(lambda: client.post(path, headers=keys["coder"]).is_success, "the note is claimed")
    before = reviewed(client, keys, release, id_)
    ckd = {"system": "ICD-10-CM", "value": "N18.9"}
    pcs = {"system": "ICD-10-PCS", "value": "0DTJ4ZZ"}
    visit = {"system": "CPT", "value": "99213"}
    asthma = {"system": "ICD-10-CM", "value": "J45.909"}
    sent = {"expected_version": 0, "decisions": [
        {"kind": "accept", "code": ckd}, {"kind": "principal", "code": ckd},
        {"kind": "poa", "code": ckd, "poa": "Y"}, {"kind": "add", "code": pcs},
        {"kind": "add", "code": visit},
        {"kind": "reject", "code": asthma, "reason": "history_only"},
    ]}  # fmt: skip
    decided = client.post(f"/v1/notes/{id_}/decisions", json=sent, headers=keys["coder"])
    assert decided.status_code == 200, decided.text
    bundle = reviewed(client, keys, release, id_)
    MODELS[release]("Bundle").model_validate(bundle)
    assert status_of(bundle) == {
        "N18.9": "confirmed", "M10.9": "provisional", "J45.909": "entered-in-error"
    }  # fmt: skip
    names = [
        {e["resource"]["code"]["coding"][0]["code"]: e["fullUrl"] for e in entries_of(b)}
        for b in (before, bundle)
    ]
    assert names[0] == names[1]
    [procedure] = resources(bundle, "Procedure")
    assert procedure["status"] == "completed"
    assert "meta" not in procedure
    [claim] = resources(bundle, "Claim")
    assert claim["type"]["coding"][0]["code"] == "institutional"
    assert len(claim["diagnosis"]) == 2
    first = claim["diagnosis"][0]
    assert first["type"][0]["coding"][0]["code"] == "principal"
    assert first["onAdmission"]["coding"][0]["code"] == "y"
    assert claim["item"][0]["productOrService"]["coding"][0]["code"] == "99213"
    model, coder = resources(bundle, "Provenance")
    assert [p["agent"][0]["who"]["display"] for p in (model, coder)] == ["cac stub-1", "coder"]
    assert "meta" not in coder
    decided = {names[1]["N18.9"], names[1]["J45.909"]}
    assert decided < {t["reference"] for t in coder["target"]}
    assert names[1]["M10.9"] in {t["reference"] for t in model["target"]}
    assert names[1]["M10.9"] not in {t["reference"] for t in coder["target"]}


def test_a_note_that_is_read_as_resources_is_logged_as_exported(
    client: Any, keys: Any, store: Any
) -> None:
    body = {"note_id": "n1", "text": TEXT}
    id_ = client.post("/v1/notes", json=body, headers=keys["coder"]).json()["id"]
    reviewed(client, keys, "R4", id_)
    with store.read() as session:
        [logged] = session.scalars(select(LogRow).where(LogRow.kind == "note.exported"))
    assert (logged.note_id, '"format":"fhir"' in logged.body) == (id_, True)


def test_who_codes_a_blinded_note_does_not_see_it_as_resources(
    client: Any, keys: Any, store: Any
) -> None:
    body = {"note_id": "n1", "text": TEXT}
    id_ = client.post("/v1/notes", json=body, headers=keys["coder"]).json()["id"]
    store.write(lambda unit: setattr(note_row(unit.session, id_), "blinded", True))
    path = f"/v1/fhir/R4/notes/{id_}"
    refused = client.get(path, headers=keys["coder"])
    assert (refused.status_code, issue_of(refused)["code"]) == (403, "forbidden")
    assert client.get(path, headers=keys["auditor"]).status_code == 200


def test_a_bundle_and_its_documents_have_bounds(served: Any) -> None:
    limits = served.app.state.parts
    small = limits.settings.model_copy(update={"max_notes": 1, "max_note_chars": 40})
    served.app.state.parts = replace(limits, settings=small)
    two = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": document("R4")}] * 2,
    }
    many, long = ask(served, "R4", two), ask(served, "R4", document("R4", "gout " * 9))
    good = ask(served, "R4", document("R4"))
    served.app.state.parts = limits
    assert "may have 1 documents" in issue_of(many)["diagnostics"]
    assert "Document 0: it may have 40 characters" in issue_of(long)["diagnostics"]
    assert good.status_code == 200


@pytest.mark.parametrize(
    ("kind", "setting"),
    [("IMP", "inpatient"), ("ACUTE", "inpatient"), ("EMER", "emergency"), ("AMB", "outpatient"),
     ("OBSENC", "outpatient"), ("VR", "outpatient"), ("HH", "professional")],
)  # fmt: skip
def test_the_class_of_the_encounter_decides_the_guidelines(kind: str, setting: str) -> None:
    reference = {"reference": "Encounter/e1"}
    encounter = {"resourceType": "Encounter", "id": "e1", "class": {"code": kind}}
    entries = [
        {"resource": r} for r in (document("R4", context={"encounter": [reference]}), encounter)
    ]
    bundle = {"resourceType": "Bundle", "entry": entries}
    [found] = documents_of(bundle, setting=Setting.PROFESSIONAL)
    assert found.note.setting == setting
