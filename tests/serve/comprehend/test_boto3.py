"""Amazon's own client asks this server: only its endpoint and its key differ."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from cac.coding import Code, CodeSystem, CodingResult, Evidence, Suggestion
from cac.note import Assertion, Span
from serve.access.api_keys import add_key
from serve.access.principal import Scope
from serve.access.rates import RateLimit
from serve.comprehend.entities import infer_icd10cm
from serve.store.tables import User

TEXT = "🙂 Assessment: CKD stage 3b, gout. No chest pain."


@pytest.fixture
def url(serving: Any, over_http: Any) -> Iterator[str]:
    with over_http(serving.app) as base:
        yield f"{base}/comprehendmedical"


def boto(url: str, key: str) -> Any:
    return boto3.client(
        "comprehendmedical",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="unused",
        config=Config(retries={"total_max_attempts": 1}),
    )


def bare(headers: dict[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


def test_boto3_reads_entities_traits_and_concepts(url: str, serving: Any) -> None:
    answer = boto(url, bare(serving.keys["reader"])).infer_icd10_cm(Text=TEXT)
    found = {e["Text"]: e for e in answer["Entities"]}
    assert [e["Id"] for e in answer["Entities"]] == [0, 1, 2]
    assert list(found) == ["CKD", "gout", "chest pain"]
    for entity in answer["Entities"]:
        assert TEXT[entity["BeginOffset"] : entity["EndOffset"]] == entity["Text"]
        assert entity["Category"] == "MEDICAL_CONDITION"
        assert entity["Type"] == "DX_NAME"
    assert found["CKD"]["ICD10CMConcepts"] == [
        {"Description": "Chronic kidney disease, unspecified", "Code": "N18.9", "Score": 0.9}
    ]
    assert [t["Name"] for t in found["CKD"]["Traits"]] == ["DIAGNOSIS"]
    assert [t["Name"] for t in found["chest pain"]["Traits"]] == ["NEGATION", "SYMPTOM"]
    assert found["chest pain"]["ICD10CMConcepts"][0]["Score"] == 1.0
    assert answer["ModelVersion"] == "stub-1"


def test_boto3_reads_our_refusals(url: str, serving: Any) -> None:
    with pytest.raises(ClientError) as unknown:
        boto(url, "cac_0_0").infer_icd10_cm(Text=TEXT)
    assert unknown.value.response["Error"]["Code"] == "UnrecognizedClientException"
    client = boto(url, bare(serving.keys["reader"]))
    with pytest.raises(client.exceptions.TextSizeLimitExceededException):
        client.infer_icd10_cm(Text="x" * (serving.app.state.settings.max_note_chars + 1))
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.infer_icd10_cm(Text=" ")
    with pytest.raises(client.exceptions.TextSizeLimitExceededException):
        client.infer_icd10_cm(Text="x" * (serving.app.state.settings.max_body_bytes + 1))
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.infer_icd10_cm(Text="gout \ud800")
    with pytest.raises(ClientError) as other:
        client.detect_entities_v2(Text="gout")
    assert other.value.response["Error"]["Code"] == "UnknownOperationException"


def test_only_icd_10_cm_is_answered(url: str, serving: Any) -> None:
    client = boto(url, bare(serving.keys["reader"]))
    good = serving.suggester.suggest
    evidence = (Evidence(Span(0, 4), "gout", "other", Assertion.PRESENT),)
    other = Suggestion(Code(CodeSystem.HCPCS, "J1885"), "", 0.9, 1, evidence)

    def suggest(note: Any, **options: Any) -> CodingResult:
        found: CodingResult = good(note, **options)
        return replace(found, suggestions=(other, *found.suggestions))

    serving.suggester.suggest = suggest
    [entity] = client.infer_icd10_cm(Text="gout")["Entities"]
    assert [c["Code"] for c in entity["ICD10CMConcepts"]] == ["M10.9"]


def test_boto3_is_told_that_a_key_may_not_suggest(url: str, serving: Any, people: Any) -> None:
    store = serving.store
    key = store.write(
        lambda unit: add_key(
            unit, unit.session.get_one(User, people["reader"]), "read", {Scope.NOTES_READ}, by="x"
        )
    )
    with pytest.raises(ClientError) as refused:
        boto(url, key).infer_icd10_cm(Text=TEXT)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_boto3_is_told_that_it_asks_too_often(url: str, serving: Any) -> None:
    serving.app.state.rates = RateLimit(1)
    client = boto(url, bare(serving.keys["reader"]))
    assert client.infer_icd10_cm(Text=TEXT)["Entities"]
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.infer_icd10_cm(Text=TEXT)


@pytest.mark.parametrize("target", [None, "ComprehendMedical_20181030.InferICD10CM"])
def test_the_wire_is_aws_json(client: Any, keys: Any, target: str | None) -> None:
    headers = keys["reader"] | {"Content-Type": "application/x-amz-json-1.1"}
    if target:
        headers["X-Amz-Target"] = target
    path = "/comprehendmedical" if target else "/comprehendmedical/infer-icd10cm"
    refused = client.post(path, content=b'{"Text": ""}', headers=headers)
    assert refused.status_code == 400
    assert refused.headers["x-amzn-ErrorType"] == "InvalidRequestException"
    assert refused.json()["__type"] == "InvalidRequestException"
    assert client.post(path, content=b'{"Text": "gout"}', headers=headers).status_code == 200


def test_a_full_queue_is_what_amazon_calls_unavailable(url: str, serving: Any) -> None:
    client = boto(url, bare(serving.keys["reader"]))
    serving.app.state.engine._stopping = True
    with pytest.raises(client.exceptions.ServiceUnavailableException):
        client.infer_icd10_cm(Text=TEXT)
    serving.app.state.engine._stopping = False


def test_the_plain_path_takes_a_bearer_key(client: Any, keys: Any) -> None:
    answer = client.post(
        "/comprehendmedical/infer-icd10cm", json={"Text": TEXT}, headers=keys["reader"]
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert len(answer.json()["Entities"]) == 3


@pytest.mark.parametrize(
    ("assertion", "trait"),
    [
        (Assertion.NEGATED, "NEGATION"),
        (Assertion.OTHER_SUBJECT, "PERTAINS_TO_FAMILY"),
        (Assertion.HYPOTHETICAL, "HYPOTHETICAL"),
        (Assertion.POSSIBLE, "LOW_CONFIDENCE"),
    ],
)
def test_what_speaks_against_a_code_is_a_trait(assertion: Assertion, trait: str) -> None:
    evidence = Evidence(Span(0, 4), "gout", "other", assertion, 0.8)
    found = Suggestion(Code(CodeSystem.ICD10CM, "M10.9"), "", 0.0, 0, (evidence,), (), "said so")
    [entity] = infer_icd10cm("gout", CodingResult("1", (), "v", {}, "c", rejected=(found,)))[
        "Entities"
    ]
    assert [t["Name"] for t in entity["Traits"]] == [trait, "DIAGNOSIS"]
    assert entity["ICD10CMConcepts"][0]["Score"] == 0.8


def test_what_is_rejected_for_another_reason_has_no_score() -> None:
    evidence = Evidence(Span(0, 4), "gout", "other", Assertion.PRESENT)
    found = Suggestion(Code(CodeSystem.ICD10CM, "M10.9"), "", 0.0, 0, (evidence,), (), "integral")
    result = CodingResult("1", (), "v", {}, "c", rejected=(found,))
    [entity] = infer_icd10cm("gout", result)["Entities"]
    assert entity["ICD10CMConcepts"][0]["Score"] == 0.0


def test_every_member_is_one_of_amazons_own_model() -> None:
    model = ServiceModel(Loader().load_service_model("comprehendmedical", "service-2"))
    shape = model.operation_model("InferICD10CM").output_shape
    entity = shape.members["Entities"].member
    evidence = [
        Evidence(Span(0, 4), "gout", "other", assertion, 0.5, number)
        for number, assertion in enumerate(Assertion)
    ]
    codes = [Code(CodeSystem.ICD10CM, f"M{n}") for n in range(10, 20)]
    suggestions = [Suggestion(c, "", 0.1 * n, n, tuple(evidence)) for n, c in enumerate(codes)]
    result = CodingResult("1", tuple(suggestions), "v", {}, "c")
    [made] = infer_icd10cm("gout", result)["Entities"]
    assert set(made) == set(entity.members)
    assert {t["Name"] for t in made["Traits"]} <= set(
        entity.members["Traits"].member.members["Name"].enum
    )
    concept = entity.members["ICD10CMConcepts"].member
    assert all(set(c) == set(concept.members) for c in made["ICD10CMConcepts"])
    assert [c["Code"] for c in made["ICD10CMConcepts"]] == ["M19", "M18", "M17", "M16", "M15"]
