"""The second coder of a note learns nothing of its first review, through no door."""

import csv
import io
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from serve.access.api_keys import add_key, set_scopes
from serve.access.principal import SCOPES, Role, Scope
from serve.access.users import add_user

from .test_review import CKD, GOUT, Keys, claimed, decide, until_ready

__all__ = ["claimed"]  # A fixture.

SECRET = "the nephrologist says so"
ACCEPT = {"kind": "accept", "code": CKD}
REPLACED = {"kind": "replace", "code": GOUT,
            "replacement": {"system": "ICD-10-CM", "value": "M1A.9XX0"}}  # fmt: skip
DOORS = (
    "/v1/notes/{id}",
    "/v1/notes/{id}/history",
    "/v1/notes/{id}/answers",
    "/v1/notes/{id}/why/ICD-10-CM/N18.9",
    "/v1/fhir/R4/notes/{id}",
)


@pytest.fixture
def other(serving: Any) -> dict[str, str]:
    """The headers of a second coder."""

    def made(unit: Any) -> str:
        return add_key(
            unit, add_user(unit, "other", Role.CODER), "x", SCOPES[Role.CODER], by="test"
        )

    return {"Authorization": f"Bearer {serving.store.write(made)}"}


@pytest.fixture
def first(client: TestClient, keys: Keys, claimed: str) -> str:
    """A note that the coder has completed, with a comment."""
    comment = {"kind": "comment", "comment": SECRET}
    done = decide(client, keys, claimed, 0, ACCEPT, REPLACED, comment, {"kind": "complete"})
    assert done.status_code == 200, done.text
    return claimed


def test_a_key_that_is_older_than_the_scope_is_told_how_to_get_it(
    client: TestClient, serving: Any, first: str
) -> None:
    def made(unit: Any) -> str:
        return add_key(unit, add_user(unit, "old", Role.AUDITOR), "x", [Scope.EXPORT], by="test")

    key = serving.store.write(made)
    headers = {"Authorization": f"Bearer {key}"}
    refused = client.post(f"/v1/notes/{first}/second", headers=headers)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "second")
    prefix = key.split("_")[1]
    assert f"`cac keys scopes {prefix} --add second`" in refused.json()["detail"]
    wanted = [Scope.EXPORT, Scope.SECOND]
    serving.store.write(lambda unit: set_scopes(unit, prefix, wanted, by="test"))
    assert client.post(f"/v1/notes/{first}/second", headers=headers).status_code == 201


def ask(client: TestClient, keys: Keys, id_: str, *, blinded: bool = True) -> str:
    path = f"/v1/notes/{id_}/second"
    answer = client.post(path, json={"blinded": blinded}, headers=keys["auditor"])
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["second_of"], made["blinded"], made["status"]) == (id_, blinded, "ready")
    return made["id"]  # type: ignore[no-any-return]


def test_a_second_review_is_asked_for_once(client: TestClient, keys: Keys, first: str) -> None:
    path = f"/v1/notes/{first}/second"
    for role in ("reader", "coder"):
        refused = client.post(path, headers=keys[role])
        assert (refused.status_code, refused.json()["missing_scope"]) == (403, "second")
        assert "belongs to the roles auditor, administrator" in refused.json()["detail"]
    sent = keys["auditor"] | {"Idempotency-Key": "k"}
    made = client.post(path, headers=sent)
    assert (made.status_code, made.json()["blinded"]) == (201, True)
    assert client.post(path, headers=sent).json() == made.json()
    again = client.post(path, headers=keys["administrator"])
    assert (again.status_code, "two reviews already" in again.text) == (409, True)
    assert client.post("/v1/notes/none/second", headers=keys["auditor"]).status_code == 404
    history = client.get(f"/v1/notes/{made.json()['id']}/history", headers=keys["auditor"])
    [asked, _] = history.json()["events"]
    assert (asked["kind"], asked["by"], asked["body"]["second_of"]) == (
        "note.second", "auditor", first,
    )  # fmt: skip


def test_the_second_coder_sees_nothing_of_the_first_review(
    client: TestClient, keys: Keys, first: str, other: dict[str, str]
) -> None:
    second = ask(client, keys, first)
    assert client.post(f"/v1/notes/{second}/claim", headers=other).json()["is_mine"]
    mine = client.get(f"/v1/notes/{second}", headers=other)
    assert mine.json()["text"]
    assert mine.json()["suggestions"] == mine.json()["state"]["codes"] == []
    seen = [mine.text]
    for door in DOORS:
        refused = client.get(door.format(id=first), headers=other)
        assert refused.status_code == 403, door
        seen.append(refused.text)
    seen.append(client.get("/v1/worklist", headers=other).text)
    for door in DOORS[1:]:
        seen.append(client.get(door.format(id=second), headers=other).text)
    for word in (SECRET, "M1A.9", "N18.9", '"coder"', '"second_of":"'):
        assert [text for text in seen if word in text] == []
    assert client.get("/v1/export/decisions", headers=other).status_code == 403


def test_the_first_coder_sees_nothing_of_the_second_review(
    client: TestClient, keys: Keys, first: str
) -> None:
    second = ask(client, keys, first)
    # The note is not claimed, and cannot be.
    early = client.get(f"/v1/notes/{second}", headers=keys["coder"])
    assert (early.status_code, "other review" in early.json()["detail"]) == (409, True)
    for door in DOORS[1:]:
        assert client.get(door.format(id=second), headers=keys["coder"]).status_code == 403
    refused = client.post(f"/v1/notes/{second}/claim", headers=keys["coder"])
    assert (refused.status_code, "other review" in refused.json()["detail"]) == (409, True)
    assert decide(client, keys, second, 0, ACCEPT).status_code == 409
    listed = client.get("/v1/worklist?status=ready", headers=keys["coder"]).json()["notes"]
    assert [(n["id"], n["barred"]) for n in listed] == [(second, True)]
    assert client.get(f"/v1/notes/{first}", headers=keys["coder"]).status_code == 200


def test_an_administrator_who_codes_the_second_is_blind_as_well(
    client: TestClient, keys: Keys, first: str
) -> None:
    admin = keys["administrator"]
    second = ask(client, keys, first)
    client.post(f"/v1/notes/{second}/claim", headers=admin)
    assert client.get(f"/v1/notes/{second}", headers=admin).json()["suggestions"] == []
    for door in DOORS:
        assert client.get(door.format(id=first), headers=admin).status_code == 403
    for form in ("csv", "jsonl"):
        path = f"/v1/export/decisions?format={form}"
        assert "N18.9" not in client.get(path, headers=admin).text


def test_a_second_review_may_show_its_suggestions(
    client: TestClient, keys: Keys, first: str, other: dict[str, str]
) -> None:
    second = ask(client, keys, first, blinded=False)
    client.post(f"/v1/notes/{second}/claim", headers=other)
    note = client.get(f"/v1/notes/{second}", headers=other).json()
    assert [s["code"] for s in note["suggestions"]] == ["N18.9", "M10.9"]
    assert [c["status"] for c in note["state"]["codes"]] == ["suggested"] * 2


def test_both_reviews_are_in_the_table_and_one_is_in_the_training_data(
    client: TestClient, keys: Keys, first: str, other: dict[str, str]
) -> None:
    second = ask(client, keys, first)
    evidence = {"kind": "add", "code": CKD, "evidence": [{"start": 12, "end": 15}]}
    sent = {"decisions": [evidence, {"kind": "complete"}], "expected_version": 0}
    assert client.post(f"/v1/notes/{second}/decisions", json=sent, headers=other).status_code == 200
    table = client.get("/v1/export/decisions?format=csv", headers=keys["auditor"]).text
    rows = [(r["id"], r["second_of"], r["code"]) for r in csv.DictReader(io.StringIO(table))]
    assert (first, "", "N18.9") in rows
    assert [row for row in rows if row[1]] == [(second, first, "N18.9")]
    lines = client.get("/v1/export/decisions", headers=keys["auditor"]).text.splitlines()
    assert [json.loads(line)["note_id"] for line in lines] == ["n1"]


def test_the_owner_of_a_job_does_not_read_there_what_is_hidden(
    client: TestClient, keys: Keys, other: dict[str, str], serving: Any
) -> None:
    notes = {"notes": [{"note_id": "j", "text": "CKD and gout."}]}
    path = client.post("/v1/jobs", json=notes, headers=other).headers["Location"] + "/results"
    until_ready(client, keys)
    assert "N18.9" in client.get(path, headers=other).text
    [note] = client.get("/v1/worklist", headers=keys["auditor"]).json()["notes"]
    ask(client, keys, note["id"])
    assert client.get(path, headers=other).text == ""
