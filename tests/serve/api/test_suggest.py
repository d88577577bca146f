"""``POST /v1/suggest``."""

import json
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from cac.errors import BundleError
from cac.inputs.fields import LANGUAGES
from serve.api.fields import Language

TEXT = "Assessment: CKD stage 3b, gout. No chest pain."
Keys = dict[str, dict[str, str]]


def ask(client: TestClient, keys: Keys, text: str = TEXT, **more: Any) -> Any:
    body = {"notes": [{"note_id": "n1", "text": text}], **more}
    return client.post("/v1/suggest", json=body, headers=keys["reader"])


def test_the_answer_is_the_record_of_the_json_lines(client: TestClient, keys: Keys) -> None:
    [result] = ask(client, keys, include_rejected=True).json()["results"]
    assert [s["code"] for s in result["suggestions"]] == ["N18.9", "M10.9"]
    assert [s["rank"] for s in result["suggestions"]] == [1, 2]
    assert {s["rejected_because"] for s in result["rejected"]} == {"negated"}
    for suggestion in result["suggestions"]:
        for e in suggestion["evidence"]:
            assert TEXT[e["start"] : e["end"]] == e["text"]


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ({"top_k": 1}, ["N18.9"]),
        ({"bands": ["review"]}, ["M10.9"]),
        ({"min_probability": 0.8}, ["N18.9"]),
        ({"systems": ["CPT"]}, []),
        ({"bands": ["review"], "top_k": 1}, ["M10.9"]),
    ],
)
def test_what_is_not_wanted_is_left_out(
    client: TestClient, keys: Keys, wanted: dict[str, Any], codes: list[str]
) -> None:
    [result] = ask(client, keys, **wanted).json()["results"]
    assert [s["code"] for s in result["suggestions"]] == codes


def test_offsets_count_code_points(client: TestClient, keys: Keys) -> None:
    [result] = ask(client, keys, "🙂 e\u0301 gout").json()["results"]
    assert result["suggestions"][0]["evidence"][0]["start"] == 5


def test_many_notes_are_answered_in_their_order(client: TestClient, keys: Keys) -> None:
    notes = [{"note_id": f"n{n}", "text": "gout"} for n in range(20)]
    answer = client.post("/v1/suggest", json={"notes": notes}, headers=keys["coder"])
    assert [r["note_id"] for r in answer.json()["results"]] == [f"n{n}" for n in range(20)]


def test_without_a_key_it_is_401_and_says_how(client: TestClient) -> None:
    answer = client.post("/v1/suggest", json={"notes": [{"note_id": "1", "text": "gout"}]})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


SECRET = "Marmaduke Quill"


@pytest.mark.parametrize(
    "body",
    [
        {"notes": [{"note_id": "1", "text": SECRET, SECRET: 1}]},
        {"notes": [{"note_id": "1", "text": [SECRET]}]},
        {"notes": [{"note_id": f"{SECRET}\n", "text": SECRET}]},
        {"notes": [{"note_id": "1", "text": SECRET, "language": SECRET}]},
        {"notes": [{"note_id": "1", "text": SECRET, "service_date": SECRET}]},
        {"notes": [{"note_id": "1", "text": SECRET, "setting": SECRET}]},
        {"notes": [{"note_id": "1", "text": f"{SECRET}\0"}]},
        {"notes": [{"note_id": "1", "text": " "}]},
        {"notes": [], SECRET: SECRET},
        {"notes": [{"note_id": "1", "text": SECRET}] * 65},
        {"notes": [{"note_id": "1", "text": SECRET}], "top_k": SECRET},
        {"notes": SECRET},
        [SECRET],
        SECRET,
        {"notes": [{"note_id": "1", "text": SECRET + "x" * 250_001}]},
        {"notes": [{"note_id": "1", "text": SECRET}], "systems": [SECRET]},
    ],
)
def test_a_refusal_names_the_place_and_never_the_words(
    client: TestClient, keys: Keys, body: Any
) -> None:
    answer = client.post("/v1/suggest", json=body, headers=keys["reader"])
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["errors"]
    assert {"in", "pointer", "kind", "allowed"} == set(problem["errors"][0])
    assert "Marmaduke" not in json.dumps(problem)
    assert "Quill" not in str(answer.headers)


def test_a_note_that_the_model_cannot_read_is_named_by_its_place(
    client: TestClient, keys: Keys, suggester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:

    def refuse(*_: Any, **__: Any) -> None:
        raise BundleError(f"Note {SECRET} is in 'es'")

    monkeypatch.setattr(suggester, "suggest", refuse)
    answer = ask(client, keys)
    assert answer.status_code == 422
    assert answer.json()["note"] == 0
    assert SECRET not in answer.text


def test_an_unforeseen_failure_tells_its_id_and_no_word(
    client: TestClient,
    keys: Keys,
    suggester: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(suggester, "suggest", fail)
    answer = ask(client, keys)
    assert answer.status_code == 500
    assert answer.json()["id"] == answer.headers["X-Request-ID"]
    assert SECRET not in answer.text
    logged = [vars(record) for record in caplog.records]
    assert SECRET not in str(logged)
    assert any(r.get("fields", {}).get("id") == answer.json()["id"] for r in logged)


def test_the_languages_are_those_that_the_library_reads() -> None:
    assert get_args(Language) == LANGUAGES
