"""Nobody gets past a door unknown, whatever else is wrong with the request."""

import logging
import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

import pytest
from starlette.testclient import TestClient

from serve.access.login import log_in
from serve.errors import StoreUnavailableError
from serve.http import body
from serve.page.rendering import STATIC_PATH

from ..conftest import PASSWORD

JSON = {"Content-Type": "application/json"}
WRONG: dict[str, tuple[bytes, dict[str, str]]] = {
    "nothing": (b"", {}),
    "no content type": (b"{}", {}),
    "another content type": (b"<a/>", {"Content-Type": "application/xml"}),
    "no JSON": (b"{", JSON),
    "unknown fields": (b'{"x": 1}', JSON),
    "no gzip": (b"{}", JSON | {"Content-Encoding": "gzip"}),
    "another encoding": (b"{}", JSON | {"Content-Encoding": "br"}),
    "too large": (b" " * ((4 << 20) + 1), JSON),
    "a wrong key": (b"{}", JSON | {"Authorization": "Bearer cac_0_0"}),
    "another authorization": (b"{}", {"Authorization": "Basic YTpi"}),
    "no session": (b"{}", {"Cookie": "cac_session=x"}),
}
OPEN = {"/healthz", "/readyz", "/metrics"}
UNDESCRIBED = [
    ("POST", "/comprehendmedical"),
    ("POST", "/comprehendmedical/"),
    ("POST", "/comprehendmedical/nothing"),
    ("GET", "/v1"),
    ("GET", "/v1/"),
    ("GET", "/v1/nothing"),
    ("POST", "/v1/suggest/"),
    ("GET", "/v1/suggest"),
    ("POST", "/v1/openapi.json/"),
    ("TRACE", "/v1/worklist"),
]


def operations(client: TestClient) -> Iterator[tuple[str, str]]:
    described = client.get("/v1/openapi.json").json()
    for path, methods in described["paths"].items():
        if path not in OPEN:
            at = re.sub(r"\{.*?\}", "x", path.replace("{release}", "R4"))
            yield from ((method.upper(), at) for method in methods)
    yield from UNDESCRIBED


@pytest.mark.parametrize("wrong", WRONG)
def test_nobody_is_told_so_whatever_else_is_wrong(client: TestClient, wrong: str) -> None:
    content, headers = WRONG[wrong]
    found = {}
    for method, path in operations(client):
        answer = client.request(method, path, content=content, headers=headers)
        found[method, path] = answer.status_code
        if path.startswith("/v1/fhir"):
            [issue] = answer.json()["issue"]
            assert issue["code"] == "login"
        elif path.startswith("/v1"):
            assert answer.json()["type"] == "urn:cac:problem:unauthenticated"
        if path.startswith("/v1"):
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cac"'
    assert len(found) > 30
    assert {at: status for at, status in found.items() if status != 401} == {}


def test_a_session_without_its_token_is_refused_before_its_body_is_read(
    client: TestClient, served: Any
) -> None:
    token = log_in(served.store, "coder", PASSWORD, address="")
    for content, headers in WRONG.values():
        if "Authorization" not in headers:
            sent = headers | {"Cookie": f"cac_session={token}"}
            answer = client.post("/v1/suggest", content=content, headers=sent)
            assert answer.status_code == 403


def test_a_person_has_one_rate_by_whatever_session_and_a_key_its_own(
    client: TestClient, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.app.state.rates, "_full", 2.0)
    tokens = [log_in(served.store, "auditor", PASSWORD, address="") for _ in range(3)]
    asked = [{"Cookie": f"cac_session={token}"} for token in tokens]
    asked += [served.keys["auditor"]] * 3
    answers = [client.get("/v1/worklist", headers=headers) for headers in asked]
    assert [a.status_code for a in answers] == [200, 200, 429] * 2
    assert answers[2].json()["type"] == "urn:cac:problem:too-many"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 31
    refused = client.post("/comprehendmedical", json={"Text": "x"}, headers=served.keys["auditor"])
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]


def test_what_is_wrong_is_told_to_who_is_known(client: TestClient, keys: Any) -> None:
    given = {name: WRONG[name] for name in ("no content type", "no JSON", "too large")}
    for path, kind in (("/v1/suggest", "problem+json"), ("/comprehendmedical", "x-amz-json-1.1")):
        for (content, headers), status in zip(given.values(), (415, 400, 413), strict=True):
            answer = client.post(path, content=content, headers=headers | keys["reader"])
            assert answer.status_code == status
            assert answer.headers["Content-Type"] == f"application/{kind}"
            assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("door", ["read", "write"])
def test_a_database_that_is_away_is_said_with_a_time_to_come_again(
    client: TestClient, served: Any, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    def away(*_: object) -> Any:
        raise StoreUnavailableError("The database is away.")

    monkeypatch.setattr(served.store, door, away)
    note = {"note_id": "1", "text": "gout"}
    answer = client.post("/v1/notes", json=note, headers=served.keys["coder"])
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:cac:problem:store-unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200
    if door == "read":
        answer = client.post("/comprehendmedical", json={}, headers=served.keys["coder"])
        assert answer.status_code == 503
        assert answer.json()["__type"] == "ServiceUnavailableException"
        assert int(answer.headers["Retry-After"]) > 0


def test_the_description_is_open(client: TestClient) -> None:
    assert client.get("/v1/openapi.json").status_code == 200


@pytest.fixture(scope="module")
def port(served: Any, over_http: Any) -> Iterator[int]:
    with over_http(served.app) as url:
        yield urlparse(url).port or 0


@pytest.mark.parametrize("length", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
def test_a_body_is_not_waited_for_before_it_is_known_whose(
    port: int, length: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(*_: object) -> bytes:
        raise AssertionError("the body was read")

    monkeypatch.setattr(body.BodyGuard, "_received", read)
    head = b"POST /v1/suggest HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n" + length
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        start = time.monotonic()
        connection.sendall(head + b"\r\n\r\n")
        answer = connection.makefile("rb").read()  # until the server closes
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "framing", ["Content-Length: 2\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]
)
def test_what_follows_an_unread_body_is_no_request(port: int, framing: str) -> None:
    inner = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = f"POST /v1/suggest HTTP/1.1\r\nHost: localhost\r\n{framing}"
        connection.sendall(f"{head}{inner}".encode())
        answer = connection.makefile("rb").read()  # until the server closes
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_what_is_asked_all_the_time_is_counted_and_logged_for_debugging_alone(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    paths = ["/healthz", "/readyz", "/metrics", f"{STATIC_PATH}/icon.svg"]
    with caplog.at_level(logging.DEBUG):
        answers = [client.get(path) for path in [*paths, f"{STATIC_PATH}/nothing"]]
    assert [a.status_code for a in answers] == [200] * 4 + [404]
    ours = [r for r in caplog.records if r.name == "cac.serve.requests"]
    told = [(r.levelname, r.fields["route"], r.fields["status"]) for r in ours]  # type: ignore[attr-defined]
    assert told == [
        ("DEBUG", "/healthz", 200),
        ("DEBUG", "/readyz", 200),
        ("DEBUG", "/metrics", 200),
        ("DEBUG", "/static", 200),
        ("INFO", "/static", 404),
    ]
    shown = client.get("/metrics").text
    for _, route, status in told:
        assert f'route="{route}",status="{status}"' in shown
    assert STATIC_PATH not in shown
