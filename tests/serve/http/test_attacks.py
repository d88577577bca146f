"""Bad input and attacks that concern HTTP alone."""

import gzip
import json
import logging
import sys
import tracemalloc
import zlib
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from serve.http.log_lines import JsonLines

Keys = dict[str, dict[str, str]]
SECRET = "Marmaduke Quill"
GOOD = json.dumps({"notes": [{"note_id": "1", "text": "gout"}]}).encode()


def post(client: TestClient, keys: Keys, body: Any, **headers: str) -> Any:
    sent = {"Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    return client.post("/v1/suggest", content=body, headers=keys["reader"] | sent)


def refused(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert SECRET not in answer.text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_what_is_no_number_is_refused(client: TestClient, keys: Keys, value: str) -> None:
    refused(post(client, keys, GOOD[:-1] + f', "top_k": {value}}}'.encode()), 400)


@pytest.mark.parametrize("depth", [40, 10_000, 1_000_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused(
    client: TestClient, keys: Keys, depth: int, opens: str, closes: str
) -> None:
    body = opens * depth + "1" + closes * depth
    refused(post(client, keys, body.encode()[: 4 << 20]), 400)


@pytest.mark.parametrize("escape", ["\\ud800", "\\uDFFF", "\\udc00\\ud800"])
@pytest.mark.parametrize("at", ["text", "note_id"])
def test_a_lone_surrogate_is_refused(client: TestClient, keys: Keys, escape: str, at: str) -> None:
    note = {"note_id": "1", "text": "gout", at: "X"}
    body = json.dumps({"notes": [note]}).replace('"X"', f'"{escape}"')
    refused(post(client, keys, body.encode()), 400)


def test_a_lone_surrogate_is_refused_in_a_name_as_well(client: TestClient, keys: Keys) -> None:
    refused(post(client, keys, GOOD[:-1] + b', "\\ud800": 1}'), 400)


def test_a_pair_of_surrogates_is_one_character(client: TestClient, keys: Keys) -> None:
    body = GOOD.replace(b'"gout"', b'"\\ud83d\\ude42 gout"')
    [result] = post(client, keys, body).json()["results"]
    assert result["suggestions"][0]["evidence"][0]["start"] == 2


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b"{", b"", b"nonsense " + SECRET.encode(), b"\0"])
def test_what_is_no_json_is_refused(client: TestClient, keys: Keys, body: bytes) -> None:
    assert post(client, keys, body).status_code in (400, 422)
    assert SECRET not in post(client, keys, body).text


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
    ],
)
def test_another_content_type_is_refused(client: TestClient, keys: Keys, kind: str) -> None:
    refused(post(client, keys, GOOD, Content_Type=kind), 415)


def test_an_oversize_body_is_refused_by_what_it_says(client: TestClient, keys: Keys) -> None:
    refused(post(client, keys, b" " * ((4 << 20) + 1)), 413)


def test_an_oversize_body_is_refused_by_what_comes(client: TestClient, keys: Keys) -> None:
    def pieces() -> Any:
        for _ in range(80):
            yield b" " * 65536

    answer = post(client, keys, pieces())
    assert "Content-Length" not in answer.request.headers
    refused(answer, 413)


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # The same bytes, and so names of tests, every time.


def test_a_packed_body_is_read(client: TestClient, keys: Keys) -> None:
    answer = post(client, keys, packed(GOOD), Content_Encoding="gzip")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (packed(b" " * (64 << 20)), "gzip", 413),
        (packed(GOOD)[:-6], "gzip", 400),
        (packed(GOOD) * 2, "gzip", 400),
        (GOOD, "gzip", 400),
        (zlib.compress(GOOD), "deflate", 415),
        (GOOD, "br", 415),
        (packed(packed(GOOD)), "gzip, gzip", 415),
    ],
)
def test_a_packed_body_is_bounded_after_unpacking(
    client: TestClient, keys: Keys, body: bytes, encoding: str, status: int
) -> None:
    refused(post(client, keys, body, Content_Encoding=encoding), status)


def test_a_bomb_is_not_unpacked_beyond_the_bound(client: TestClient, keys: Keys) -> None:
    bomb = packed(b" " * (64 << 20))
    tracemalloc.start()
    try:
        refused(post(client, keys, bomb, Content_Encoding="gzip"), 413)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/{SECRET}",
        "/../../etc/passwd",
        "/v1/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/codes/ICD-10-CM/..%2f..%2fsecrets",
        f"/v1/notes/{SECRET}' OR 1=1 --",
    ],
)
def test_an_unknown_path_is_not_repeated(client: TestClient, keys: Keys, path: str) -> None:
    answer = client.get(path, headers=keys["administrator"])
    assert answer.status_code in (404, 422)
    assert "Marmaduke" not in answer.text
    assert "root:" not in answer.text


def test_a_wrong_method_names_the_right_one(client: TestClient, keys: Keys) -> None:
    answer = client.get("/v1/suggest", headers=keys["reader"])
    refused(answer, 405)
    assert answer.headers["Allow"] == "POST"
    answer = client.put("/v1/jobs/x", headers=keys["coder"])
    refused(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD, DELETE"


def test_head_is_answered_as_get_without_a_body(client: TestClient, keys: Keys) -> None:
    for path in ("/healthz", "/v1/worklist", "/v1/nothing", "/v1/suggest"):
        asked = [client.request(m, path, headers=keys["reader"]) for m in ("HEAD", "GET")]
        assert asked[0].status_code == asked[1].status_code
        assert asked[0].headers["Content-Length"] == asked[1].headers["Content-Length"]
        assert asked[0].content == b"" != asked[1].content
    assert client.head("/v1/worklist").status_code == 401
    assert 'method="HEAD",route="/v1/worklist",status="200"' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("path", "pointer", "allowed"),
    [
        (f"/v1/worklist?staus={SECRET}", "/?", "cursor, limit, mine, payer, sort, status"),
        ("/v1/worklist?limit=1&limit=2", "/limit", "one"),
        ("/v1/export/decisions?Format=csv", "/?", "format"),
        ("/v1/models?x", "/?", "none"),
    ],
)
def test_a_parameter_that_means_nothing_here_is_refused(
    client: TestClient, keys: Keys, path: str, pointer: str, allowed: str
) -> None:
    answer = client.get(path, headers=keys["administrator"])
    refused(answer, 422)
    [fault] = answer.json()["errors"]
    assert (fault["in"], fault["pointer"], fault["allowed"]) == ("query", pointer, allowed)


def test_probes_and_fhir_may_have_parameters_of_their_own(client: TestClient, keys: Keys) -> None:
    assert client.get("/healthz?probe=1").status_code == 200
    path = "/v1/fhir/R4/notes/x?_format=json"
    assert client.get(path, headers=keys["reader"]).status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80:80", "", "local host", "[::1"]
)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    refused(client.get("/healthz", headers={"Host": host}), 400)


def test_what_is_too_long_or_said_twice_is_refused_behind_any_server(client: TestClient) -> None:
    # uvicorn has bounds of its own, wider ones: these hold whatever serves the app.
    refused(client.get("/healthz?" + "a" * 8_200), 414)
    refused(client.get("/healthz", headers={"X": "a" * 33_000}), 431)
    refused(client.get("/healthz", headers=[("Host", "localhost"), ("Host", "localhost")]), 400)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8700", "127.0.0.1:1", "[::1]:8700"])
def test_its_own_names_are_taken(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_no_other_origin_may_read(client: TestClient, keys: Keys) -> None:
    origin = {"Origin": "https://evil.example"}
    answer = client.get("/healthz", headers=origin)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = origin | {"Access-Control-Request-Method": "POST"}
    asked = client.options("/v1/suggest", headers=preflight)
    assert asked.status_code == 401
    assert not [name for name in asked.headers if name.startswith("access-control")]


def test_every_answer_has_the_safe_headers(client: TestClient, keys: Keys) -> None:
    answers = [
        client.get("/healthz"),
        client.get("/nothing"),
        client.post("/v1/suggest"),
        post(client, keys, b"{"),
        post(client, keys, GOOD),
        client.get("/healthz", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-ID"]
        assert "server" not in answer.headers


def test_a_header_cannot_be_injected(client: TestClient, keys: Keys) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "a\tSet-Cookie: b"})
    assert "Set-Cookie" not in str(answer.headers)
    answer = client.get("/v1/%0d%0aSet-Cookie:%20x=1", headers=keys["reader"])
    assert "set-cookie" not in answer.headers


def test_the_metrics_hold_no_word(client: TestClient, keys: Keys, app: FastAPI) -> None:
    body = {"notes": [{"note_id": SECRET, "text": f"{SECRET}: CKD"}]}
    assert client.post("/v1/suggest", json=body, headers=keys["reader"]).status_code == 200
    client.get(f"/v1/{SECRET}", headers=keys["reader"])
    client.get(f"/{SECRET}")
    shown = client.get("/metrics").text
    assert 'cac_suggestions_total{band="accept",system="ICD-10-CM"} 1.0' in shown
    assert 'route="/v1/suggest",status="200"' in shown
    assert 'route="/v1",status="404"' in shown
    assert 'route="none",status="404"' in shown
    assert "Marmaduke" not in shown


def test_the_log_lines_hold_no_word(
    client: TestClient, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        body = {"notes": [{"note_id": SECRET, "text": f"{SECRET}: CKD"}], "x": SECRET}
        client.post("/v1/suggest", json=body, headers=keys["reader"])
        del body["x"]
        client.post("/v1/suggest", json=body, headers=keys["reader"])
        client.get(f"/v1/{SECRET}?q={SECRET}", headers=keys["reader"])
    ours = [r for r in caplog.records if r.name.startswith("cac.")]
    lines = [json.loads(JsonLines().format(r)) for r in ours]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests][-3:] == [422, 200, 404]
    assert {"id", "ms", "route", "method"} <= set(requests[0])
    assert "Marmaduke" not in str(lines)


def test_an_error_of_others_is_logged_without_its_message() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        given = ("failed on %s", (SECRET,), sys.exc_info())
        record = logging.LogRecord("sqlalchemy", logging.ERROR, __file__, 1, *given)
    line = JsonLines().format(record)
    assert SECRET not in line
    assert json.loads(line)["error"] == "ValueError"
    assert json.loads(line)["event"] == "failed on %s"
