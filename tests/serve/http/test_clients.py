"""Clients that are slow, go away, or send what no library would: over sockets."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlparse

import pytest

from serve.http import body, protocol
from serve.page.rendering import STATIC, STATIC_PATH

from ..waiting import wait_for


@pytest.fixture(scope="module")
def port(served: Any, over_http: Callable[..., Any]) -> Iterator[int]:
    with over_http(served.app) as url:
        yield urlparse(url).port or 0


@pytest.fixture(autouse=True)
def _let_go(served: Any) -> Iterator[None]:
    yield
    served.suggester.hold.set()


def head(served: Any, length: int, **more: str) -> bytes:
    lines = [
        "POST /v1/suggest HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Authorization: {served.keys['reader']['Authorization']}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in more.items()),
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def sent(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        return whole(connection)


def whole(connection: socket.socket) -> bytes:
    """Read one answer to its end, or what comes before the server closes."""
    answer = b""
    while piece := connection.recv(1 << 16):
        answer += piece
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length and len(rest) >= int(length[1]):
            break
    return answer


def test_a_client_that_sends_its_body_slowly_is_let_go(
    port: int, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = served.app.middleware_stack
    while not isinstance(layer, body.BodyGuard):
        layer = getattr(layer, "app", None) or layer._app
    monkeypatch.setattr(layer, "_limits", body.BodyLimits(seconds=0.1))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(served, 100) + b"{")
        start = time.monotonic()
        answer = connection.makefile("rb").read()  # until the server closes
    assert b" 408 " in answer.splitlines()[0]
    assert time.monotonic() - start < 5


def test_an_oversize_body_is_refused_before_it_comes(port: int, served: Any) -> None:
    assert b" 413 " in sent(port, head(served, (4 << 20) + 1)).splitlines()[0]


@pytest.mark.parametrize(
    "first", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"]
)
def test_a_client_that_sends_its_head_slowly_is_let_go(
    port: int, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(first)
        if first.endswith(b"\r\n\r\n"):
            assert b" 200 " in whole(connection).splitlines()[0]
            connection.sendall(b"GET /h")
        start = time.monotonic()
        assert connection.recv(100) == b""
        assert time.monotonic() - start < 3


def test_a_head_without_end_is_let_go(port: int) -> None:
    def more() -> None:
        while connection.send(b"X-More: " + b"x" * 4096 + b"\r\n"):
            time.sleep(0.001)

    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            more()


def test_a_client_that_goes_away_stops_its_work(port: int, served: Any) -> None:
    engine, suggester = served.app.state.engine, served.suggester
    notes = [{"note_id": f"gone{n}", "text": "gout"} for n in range(20)]
    data = json.dumps({"notes": notes}).encode()
    suggester.hold.clear()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(served, len(data)) + data)
        wait_for(lambda: engine.load.busy_s > 0, "the model is busy")
    time.sleep(0.1)  # until the server has seen it
    suggester.hold.set()
    wait_for(lambda: engine.load.busy_s == 0 and engine.load.n_waiting == 0, "nothing is left")
    assert len([name for name in suggester.asked if name.startswith("gone")]) <= 2


def test_a_client_that_goes_away_while_it_waits_gives_its_place_back(
    port: int, served: Any
) -> None:
    engine, suggester = served.app.state.engine, served.suggester
    data = json.dumps({"notes": [{"note_id": "a", "text": "gout"}]}).encode()
    suggester.hold.clear()
    first = socket.create_connection(("127.0.0.1", port), timeout=10)
    first.sendall(head(served, len(data)) + data)
    wait_for(lambda: engine.load.busy_s > 0, "the model is busy")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as second:
        second.sendall(head(served, len(data)) + data)
        wait_for(lambda: engine.load.n_waiting == 1, "the second waits")
    wait_for(lambda: engine.load.n_waiting == 0, "its place is free")
    suggester.hold.set()
    assert b" 200 " in whole(first)
    first.close()


def test_beyond_the_queue_it_is_503_and_health_answers(port: int, served: Any) -> None:
    engine, suggester = served.app.state.engine, served.suggester
    data = json.dumps({"notes": [{"note_id": "a", "text": "gout"}]}).encode()
    suggester.hold.clear()
    kept = []
    for n in range(1 + engine.limits.queue_size):
        kept.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        kept[-1].sendall(head(served, len(data)) + data)
        wait_for(
            lambda n=n: engine.load.busy_s > 0 and engine.load.n_waiting >= n,  # type: ignore[misc]
            "each has its place",
        )
    refused = sent(port, head(served, len(data)) + data)
    assert b" 503 " in refused.splitlines()[0]
    assert b"\r\nretry-after: " in refused.lower()
    assert b"queue-full" in refused
    health = sent(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert b" 200 " in health.splitlines()[0]
    suggester.hold.set()
    for connection in kept:
        assert b" 200 " in whole(connection)
        connection.close()


@pytest.mark.parametrize(
    "data",
    [
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
        b"GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /v1/suggest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
        b"POST /v1/suggest HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused(port: int, data: bytes) -> None:
    answer = sent(port, data)
    assert not answer or answer.split(b" ", 2)[1][:1] == b"4"
    assert b"cac_" not in answer


@pytest.mark.parametrize(
    "way", ["../rendering.py", "%2e%2e/rendering.py", "..%2frendering.py", "js/../../rendering.py"]
)
def test_no_way_leads_out_of_the_files_of_the_pages(port: int, way: str) -> None:
    line = f"GET {STATIC_PATH}/{way} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert (STATIC.parent / "rendering.py").is_file()
    answer = sent(port, line.encode())
    assert b" 404 " in answer.splitlines()[0]
    assert b"StaticFiles" not in answer


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_error(
    port: int, served: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(served, 1000) + b'{"notes"')

    def is_seen() -> bool:
        return any(getattr(r, "fields", {}).get("status") == 499 for r in caplog.records)

    wait_for(is_seen, "it is seen to be gone")
    assert not [r for r in caplog.records if r.levelname == "ERROR"]
