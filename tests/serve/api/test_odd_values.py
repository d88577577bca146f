"""Values that a database takes amiss, or for another kind: refused alike by both."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from ..waiting import wait_for

DAY = "2026-11-02T09:00:00+00:00"
HUGE = 10**30
NUL, SURROGATE = "n\0", b"\xed\xa0\xbd"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; "" is SQLite."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql").emptied()
    return url


def cursor(sort: str, *values: Any) -> str:
    packed = base64.urlsafe_b64encode(json.dumps([sort, *values]).encode()).decode()
    return f"/v1/worklist?sort={sort}&cursor={packed}"


ENDS = ("", "/status", "/history", "/answers", "/why/ICD-10-CM/N18.32")
UNKNOWN = [
    f"/v1/notes/{quote(id_)}{end}" for id_ in (NUL, SURROGATE, "🙂", "n" * 5000) for end in ENDS
] + [f"/v1/jobs/{quote(id_)}{end}" for id_ in (NUL, SURROGATE, "🙂") for end in ("", "/results")]
REFUSED = [
    "/v1/worklist?payer=%00",
    cursor("age", DAY, NUL),
    cursor("age", DAY, 5),
    cursor("age", DAY, {"a": 1}),
    cursor("age", DAY, None),
    cursor("age", "2026-11-02T09:00:00", "x"),
    cursor("age", "0001-01-01T00:00:00+23:59", "x"),
    cursor("priority", "x", DAY, "x"),
    cursor("priority", HUGE, DAY, "x"),
    cursor("priority", [1], DAY, "x"),
    cursor("payer", NUL, DAY, "x"),
    cursor("payer", 5, DAY, "x"),
    cursor("payer", None, DAY, "x"),
    cursor("confidence", "x", DAY, "x"),
    cursor("confidence", 1e308, DAY, "x"),
    cursor("confidence", True, DAY, "x"),
]


def test_an_odd_id_is_unknown_and_an_odd_cursor_refused(client: TestClient, keys: Any) -> None:
    asked = dict.fromkeys(UNKNOWN, 404) | dict.fromkeys(REFUSED, 422)
    admin = keys["administrator"]
    assert {path: client.get(path, headers=admin).status_code for path in asked} == asked
    assert client.delete(f"/v1/jobs/{quote(NUL)}", headers=admin).status_code == 404
    found = client.get("/v1/codes/ICD-10-CM?q=%00", headers=admin)
    assert found.json() == {"codes": []}


def test_a_huge_number_is_no_version(client: TestClient, keys: Any) -> None:
    body = {"note_id": "n", "text": "gout", "priority": 9}
    id_ = client.post("/v1/notes", json=body, headers=keys["coder"]).json()["id"]
    claim = f"/v1/notes/{id_}/claim"
    wait_for(lambda: client.post(claim, headers=keys["coder"]).is_success, "it is claimed")
    accept = {"kind": "accept", "code": {"system": "ICD-10-CM", "value": "M10.9"}}
    undo = {"kind": "undo", "event": HUGE}
    far = {"kind": "add", "code": accept["code"], "evidence": [{"start": 0, "end": HUGE}]}
    for version, decision, status in ((HUGE, accept, 409), (0, undo, 422), (0, far, 422)):
        sent = {"expected_version": version, "decisions": [decision]}
        answer = client.post(f"/v1/notes/{id_}/decisions", json=sent, headers=keys["coder"])
        assert answer.status_code == status, answer.text
