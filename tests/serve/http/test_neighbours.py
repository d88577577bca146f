"""Who stands between the server and those who ask: proxies, and pages of other origins."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from serve.app import create_app
from serve.cli import serving
from serve.settings import Settings
from serve.store import Store
from serve.store.tables import LogRow

ORIGIN = "https://ehr.example.org"


@pytest.fixture
def address_of_log_in(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Log in wrongly by way of uvicorn's own layers; return the address that the log names."""
    monkeypatch.setattr(serving, "log_config", lambda _: None)

    def ask(peer: str, forwarded: str, *proxies: str) -> str:
        url = "https://cac.example.org"
        given = settings.model_copy(update={"trusted_proxies": proxies, "public_url": url})
        config = serving._config(given, store)
        config.load()
        client = TestClient(config.loaded_app, base_url=url, client=(peer, 50_000))  # type: ignore[arg-type]
        sent = {"X-Forwarded-For": forwarded, "Forwarded": f"for={forwarded}"}
        answer = client.post("/login", data={"name": "x", "password": "y"}, headers=sent)
        assert answer.status_code == 401
        with store.read() as session:
            query = select(LogRow.body).where(LogRow.kind == "login.failed")
            body = session.scalars(query.order_by(LogRow.seq.desc())).first()
        address: str = json.loads(body or "")["address"]
        return address

    return ask


def test_nobody_says_by_a_header_where_they_come_from(
    address_of_log_in: Callable[..., str],
) -> None:
    assert address_of_log_in("203.0.113.9", "10.0.0.1") == "203.0.113.9"
    assert address_of_log_in("203.0.113.9", "10.0.0.1", "192.0.2.1") == "203.0.113.9"


def test_a_proxy_is_believed_and_nobody_before_it(address_of_log_in: Callable[..., str]) -> None:
    assert address_of_log_in("192.0.2.1", "203.0.113.9", "192.0.2.1") == "203.0.113.9"
    forged = "10.0.0.1, 203.0.113.9"
    assert address_of_log_in("192.0.2.1", forged, "192.0.2.0/24") == "203.0.113.9"


@pytest.fixture
def cors(settings: Settings, store: Store) -> TestClient:
    given = settings.model_copy(update={"cors_origins": (ORIGIN,)})
    return TestClient(create_app(given, store), base_url="http://localhost")


def test_a_named_origin_may_ask_with_a_key_and_read_when_to_come_again(cors: TestClient) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    preflight = cors.options("/v1/models/current", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    for content in (b"", b" " * (5 << 20)):
        answer = cors.post("/v1/suggest", content=content, headers={"Origin": ORIGIN})
        assert answer.status_code == 401
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        # Cookies stay at home: a page elsewhere cannot use the session of a browser.
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example", "http://ehr.example.org"]
)
def test_no_origin_but_the_named_ones(cors: TestClient, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answers: list[Any] = [cors.options("/v1/suggest", headers=asked), cors.get("/v1/worklist")]
    answers.append(cors.get("/v1/worklist", headers={"Origin": origin}))
    assert not [a for a in answers if "Access-Control-Allow-Origin" in a.headers]
    assert answers[0].status_code == 400
