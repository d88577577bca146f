"""Log in, change the one-time password, log out; who may open what; administration by forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from serve.access.passwords import hashed
from serve.access.principal import Role
from serve.access.rates import RateLimit
from serve.access.sessions import COOKIE
from serve.access.users import add_user
from serve.store.notes import note_row
from serve.store.tables import LogRow

from ..waiting import wait_for

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, serve_at: Any) -> Iterator[Any]:
    with serve_at(tmp_path_factory.mktemp("served")) as given:
        yield given


@pytest.fixture
def client(serving: Any, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    client: TestClient = serving.client
    client.cookies.clear()
    monkeypatch.setattr(client, "follow_redirects", False)
    # Every test has all log-ins of a minute.
    serving.app.state.logins = RateLimit(serving.store.settings.logins_per_minute)
    return client


def log_in(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login", data={"name": name, "password": password, **more})


def token(client: TestClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', client.get(path).text)
    assert found
    return found[1]


def post(client: TestClient, path: str, **fields: Any) -> Any:
    return client.post(path, data={"csrf_token": token(client, "/password"), **fields})


def test_who_is_not_logged_in_is_led_to_the_log_in_and_back(client: TestClient) -> None:
    answer = client.get("/review/n_1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?to=/review/n_1")
    assert 'value="/review/n_1"' in client.get(answer.headers["location"]).text
    answer = log_in(client, "coder", to="/review/n_1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/n_1")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/worklist").status_code == 200
    assert client.get("/login").headers["location"] == "/worklist"


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "x"])
def test_the_log_in_leads_nowhere_else(client: TestClient, to: str) -> None:
    assert log_in(client, "coder", to=to).headers["location"] == "/worklist"


def test_a_wrong_password_tells_nothing_and_begins_no_session(client: TestClient) -> None:
    wrong, unknown = log_in(client, "coder", "wrong"), log_in(client, "<b>nobody</b>", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert "<b>nobody" not in unknown.text
    assert wrong.text == unknown.text
    assert COOKIE not in client.cookies


def test_an_address_has_so_many_tries_a_minute_whatever_the_name(client: TestClient) -> None:
    log_in(client, "coder")
    known = client.cookies["cac_device"]
    client.cookies.clear()
    answers = [log_in(client, f"nobody-{n}", "wrong") for n in range(20)]
    assert [a.status_code for a in answers] == [401] * 19 + [429]
    client.cookies.set("cac_device", known[:-1])
    assert log_in(client, "coder").status_code == 429
    client.cookies.set("cac_device", known)
    assert log_in(client, "coder").status_code == 303


def test_a_person_opens_so_many_pages_a_minute_by_whatever_session(
    client: TestClient, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(client, "reader")
    first = client.cookies[COOKIE]
    log_in(client, "reader")
    monkeypatch.setattr(serving.app.state.rates, "_full", 2.0)
    answers = [client.get("/worklist")]
    client.cookies.set(COOKIE, first)
    answers += [client.get("/worklist") for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200, 429]


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    fields = {"name": "coder", "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/login", data=fields, headers=headers).status_code == 403
    log_in(client, "coder")
    assert client.post("/logout").status_code == 403
    assert client.post("/logout", data={"csrf_token": "0" * 64}).status_code == 403
    assert client.get("/worklist").status_code == 200


def test_a_session_fixed_beforehand_is_not_taken_over(client: TestClient) -> None:
    client.cookies.set(COOKIE, "chosen-by-someone-else")
    answer = log_in(client, "coder")
    [given] = [c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}=")]
    client.cookies.clear()
    client.cookies.set(COOKIE, "chosen-by-someone-else")
    assert client.get("/worklist").status_code == 303
    client.cookies.set(COOKIE, given.partition("=")[2].partition(";")[0])
    assert client.get("/worklist").status_code == 200


def test_cookies_are_kept_from_scripts_and_other_sites(
    client: TestClient, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, wanted in (("", False), ("https://cac.example.org", True)):
        settings = serving.store.settings.model_copy(update={"public_url": url})
        monkeypatch.setattr(serving.store, "settings", settings)
        given = log_in(client, "coder").headers.get_list("set-cookie")
        assert sorted(c.partition("=")[0] for c in given) == ["cac_device", COOKIE]
        for cookie in given:
            assert {"httponly", "samesite=strict"} <= set(cookie.lower().split("; "))
            assert ("Secure" in cookie.split("; ")) is wanted


def test_who_logged_in_here_before_is_not_kept_out_by_guesses_from_elsewhere(
    client: TestClient,
) -> None:
    log_in(client, "administrator")
    mine = client.cookies["cac_device"]
    client.cookies.clear()
    for _ in range(5):
        assert log_in(client, "administrator", "wrong").status_code == 401
    assert log_in(client, "administrator").status_code == 429
    client.cookies.set("cac_device", mine)
    assert log_in(client, "administrator").status_code == 303


def test_log_out_ends_the_session(client: TestClient) -> None:
    log_in(client, "coder")
    kept = client.cookies[COOKIE]
    assert post(client, "/logout").headers["location"] == "/login"
    client.cookies.set(COOKIE, kept)
    assert client.get("/worklist").status_code == 303


def test_a_one_time_password_is_changed_first(client: TestClient, serving: Any) -> None:
    once = "only-for-the-first-log-in"
    serving.store.write(
        lambda unit: add_user(unit, "new", Role.CODER, password_hash=hashed(once), must_change=True)
    )
    assert log_in(client, "new", once).headers["location"] == "/password"
    assert client.get("/worklist").headers["location"] == "/password"
    short = post(client, "/password", old=once, new="short", again="short")
    assert (short.status_code, "Allowed: 12" in short.text) == (422, True)
    assert post(client, "/password", old=once, new=PASSWORD, again="other").status_code == 422
    changed = post(client, "/password", old=once, new=PASSWORD, again=PASSWORD)
    assert changed.headers["location"] == "/worklist"
    assert client.get("/worklist").status_code == 200


@pytest.mark.parametrize("role", ["reader", "coder", "auditor"])
def test_administration_is_for_administrators(client: TestClient, role: str) -> None:
    log_in(client, role)
    refused = client.get("/admin")
    assert (refused.status_code, "needs the scope" in refused.text) == (403, True)
    assert "/admin" not in client.get("/worklist").text
    answer = post(client, "/admin/users", name="mine", role="administrator")
    assert answer.status_code == 403


def test_people_and_keys_are_administered(client: TestClient, serving: Any) -> None:
    log_in(client, "administrator")
    made = post(client, "/admin/users", name="<i>Eve</i>", role="coder")
    assert "<i>Eve" not in made.text
    once = re.search(r"<code>([0-9a-f-]{27})</code>", made.text)
    assert once
    assert once[1] not in client.get("/admin").text
    key = post(client, "/admin/keys", owner="coder", label="integration", scope=["suggest"])
    found = re.search(r"<code>(cac_\S+)</code>", key.text)
    assert found
    answer = client.post(
        "/v1/suggest",
        json={"notes": [{"note_id": "n", "text": "CKD stage 3"}]},
        headers={"Authorization": f"Bearer {found[1]}"},
    )
    assert answer.status_code == 200
    prefix = found[1].split("_")[1]
    assert post(client, "/admin/keys/change", prefix=prefix, act="revoke").status_code == 200
    beyond = post(client, "/admin/keys", owner="reader", label="x", scope=["admin"])
    assert (beyond.status_code, "may have one or more of" in beyond.text) == (422, True)
    for act in ("lock", "unlock", "password", "role"):
        answer = post(client, "/admin/users/change", name="<i>Eve</i>", act=act, role="auditor")
        assert answer.status_code == 200
    last = post(client, "/admin/users/change", name="administrator", act="lock")
    assert "last administrator" in last.text
    with serving.store.read() as session:
        kinds = {row.kind for row in session.query(LogRow)}
    assert {"user.added", "key.added", "key.revoked", "user.locked", "user.role"} <= kinds


def test_a_second_review_is_asked_for_by_form(client: TestClient, serving: Any) -> None:
    log_in(client, "administrator")
    headers = serving.keys["coder"]
    sent = {"note_id": "twice", "text": "CKD stage 3"}
    note = client.post("/v1/notes", json=sent, headers=headers).json()
    early = post(client, "/admin/second", note_id="unknown")
    assert (early.status_code, "no note of this id" in early.text) == (422, True)

    def is_ready() -> bool:
        with serving.store.read() as session:
            return note_row(session, note["id"]).status == "ready"

    wait_for(is_ready, "the note is ready")
    done = post(client, "/admin/second", note_id="twice")
    assert (done.status_code, "1 asked for" in done.text) == (200, True)
    again = post(client, "/admin/second", note_id="twice", shown="yes")
    assert (again.status_code, "two reviews already" in again.text) == (422, True)
    listed = client.get("/v1/worklist?status=ready", headers=headers).json()["notes"]
    assert sorted(each["blinded"] for each in listed) == [False, True]


def test_pages_have_a_strict_policy_and_are_not_kept(client: TestClient) -> None:
    log_in(client, "administrator")
    for path in ("/worklist", "/review/n_1", "/admin", "/password"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert "unsafe" not in policy
        assert {"frame-ancestors 'none'", "base-uri 'none'"} <= set(policy.split("; "))
        assert answer.headers["cache-control"] == "no-store"
        assert "<style" not in answer.text
        assert not re.search(r"<script(?![^>]* src=)| style=| on\w+=", answer.text)
        kept = re.search(r'href="(/static/\w+/css/base.css)"', answer.text)
        assert kept
        assert "immutable" in client.get(kept[1]).headers["cache-control"]
