"""There and back again in a browser's steps."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from serve.access.oidc import Oidc
from serve.access.rates import RateLimit
from serve.settings import Settings
from serve.store import Store

from ..access.issuer import CLIENT, URL, Issuer
from ..conftest import Clock


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"oidc_issuer": URL, "oidc_client_id": CLIENT})


@pytest.fixture
def issuer(app: FastAPI, store: Store, clock: Clock) -> Issuer:
    made = Issuer()
    now = int(clock().timestamp())
    made.claims = {
        "iss": URL, "aud": CLIENT, "sub": "17", "email": "ann@example.org", "iat": now,
        "exp": now + 300, "cac_role": "coder",
    }  # fmt: skip
    app.state.oidc = Oidc(store, transport=made.transport)
    return made


def test_a_browser_goes_there_and_comes_back_logged_in(client: TestClient, issuer: Issuer) -> None:
    assert f"Log in with {URL.partition('://')[2]}" in client.get("/login").text
    there = client.get("/login/oidc", follow_redirects=False)
    assert there.status_code == 303
    cookie = there.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    back = client.get("/login/oidc/back", params=issuer.visited(there.headers["location"]))
    assert back.status_code == 200
    assert 'content="0;url=/worklist"' in back.text
    assert any("SameSite=strict" in c for c in back.headers.get_list("set-cookie"))
    assert "ann@example.org" in client.get("/worklist").text


@pytest.mark.usefixtures("issuer")
@pytest.mark.parametrize("path", ["/login/oidc", "/login/oidc/back"])
def test_an_address_goes_there_and_back_so_often_a_minute(
    app: FastAPI, client: TestClient, path: str
) -> None:
    app.state.logins = RateLimit(2)
    answers = [client.get(path, follow_redirects=False) for _ in range(3)]
    assert [a.status_code == 429 for a in answers] == [False, False, True]
    assert "Too many requests" in answers[2].text


def test_what_goes_wrong_is_a_page(client: TestClient, issuer: Issuer) -> None:
    there = client.get("/login/oidc", follow_redirects=False)
    given = issuer.visited(there.headers["location"])
    wrong = client.get("/login/oidc/back", params={**given, "state": "<script>"})
    assert wrong.status_code == 401
    assert "<script>" not in wrong.text
    assert "begin again" in wrong.text
    issuer.is_away = True
    assert client.get("/login/oidc").status_code == 401
