"""The administration page: blinded share, models and keys, by forms alone, each change logged."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cac.errors import BundleError
from cac.note import Note
from serve.access.api_keys import add_key
from serve.access.principal import Scope
from serve.access.users import user_named
from serve.app import create_app
from serve.settings import Settings
from serve.store import Store
from serve.store.notes import add_note
from serve.store.site import Name, forget_setting, in_force
from serve.store.tables import ApiKey, LogRow

from ..conftest import PASSWORD, settings_with_bundles
from ..waiting import wait_for
from .desk import Desk
from .test_look import violations


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_with_bundles(tmp_path, blinded_share=0.25)


@pytest.fixture
def client(
    settings: Settings, store: Store, people: dict[str, str], stubs: dict[str, Any]
) -> Iterator[TestClient]:
    def load(bundle: str | None) -> Any:
        name = Path(bundle or "a").name
        if name == "broken":
            raise BundleError("The manifest is damaged.")
        return stubs["without gout" if name == "better" else "b" if "@" in name else "a"]

    with TestClient(create_app(settings, store, load=load), base_url="http://localhost") as opened:
        wait_for(lambda: opened.get("/readyz").is_success, "a model is warm")
        yield opened


def log_in(client: TestClient, name: str = "administrator") -> None:
    client.post("/login", data={"name": name, "password": PASSWORD})


def post(client: TestClient, path: str, **fields: Any) -> Any:
    found = re.search(r'name="csrf_token" value="(\w+)"', client.get("/password").text)
    assert found
    return client.post(path, data={"csrf_token": found[1], **fields})


def words(page: str) -> str:
    """Return what a page says, in one line."""
    said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    return re.sub(r" (?=[.,])", "", said)


def settled(client: TestClient) -> str:
    """Return what the page says once no model is loading."""
    wait_for(lambda: "A model is loading" not in client.get("/admin").text, "the model is loaded")
    return words(client.get("/admin").text)


def rows(store: Store, *kinds: str) -> list[tuple[str, str, dict[str, Any]]]:
    with store.read() as session:
        found = session.query(LogRow).where(LogRow.kind.in_(kinds)).order_by(LogRow.seq)
        return [(row.kind, row.user_id, json.loads(row.body)) for row in found]


def test_the_share_is_set_and_given_back_to_the_variable(
    client: TestClient, store: Store, people: dict[str, str]
) -> None:
    log_in(client)
    assert "it is 25 %, set by CAC_BLINDED_SHARE." in words(client.get("/admin").text)
    shown = words(post(client, "/admin/blinded", share="100", act="set").text)
    assert "it is 100 %, set by administrator on 2026-11-02 09:00 UTC." in shown
    assert "CAC_BLINDED_SHARE says 25 %, and does not count." in shown
    by = people["administrator"]
    assert store.write(lambda unit: add_note(unit, Note("n", "text"), by=by).blinded)
    post(client, "/admin/blinded", share="12,5", act="set")
    shown = words(post(client, "/admin/blinded", act="variable").text)
    assert "it is 25 %, set by CAC_BLINDED_SHARE." in shown
    body = {"name": "blinded_share", "stored": True}
    assert rows(store, "setting.changed") == [
        ("setting.changed", by, body | {"before": 0.25, "after": 1.0}),
        ("setting.changed", by, body | {"before": 1.0, "after": 0.125}),
        ("setting.changed", by, body | {"before": 0.125, "after": 0.25, "stored": False}),
    ]


@pytest.mark.parametrize("share", ["", "many", "-1", "101", "nan", "1e400"])
def test_a_share_that_is_none_is_refused(client: TestClient, store: Store, share: str) -> None:
    log_in(client)
    answer = post(client, "/admin/blinded", share=share, act="set")
    assert answer.status_code == 422
    assert "a number of 0 to 100 percent" in words(answer.text)
    assert rows(store, "setting.changed") == []


def test_models_are_listed_changed_shadowed_and_taken_back(
    client: TestClient, store: Store, people: dict[str, str], settings: Settings
) -> None:
    log_in(client)
    page = client.get("/admin").text
    assert re.findall(r'<option value="([\w-]*)">', page) == ["default", "", "better", "broken"]
    assert "After a restart: finder and rules alone, set by CAC_BUNDLE." in words(page)
    begun = post(client, "/admin/models", bundle="better", act="current")
    assert begun.status_code == 200
    shown = settled(client)
    assert "in use c better ready, warm after" in shown
    assert "before a finder and rules alone ready" in shown
    assert "After a restart: better, set by administrator on" in shown
    assert "2026-11-02 09:00 UTC administrator better answer ready" in shown
    post(client, "/admin/models", registry="models:/NAME@production", act="shadow")
    assert "shadow b models:/NAME@production ready" in settled(client)
    post(client, "/admin/models", act="back")
    assert "in use a finder and rules alone ready" in settled(client)
    assert "shadow b" not in words(post(client, "/admin/models", act="end").text)
    post(client, "/admin/models", bundle="better", act="current")
    settled(client)
    post(client, "/admin/models", act="variable")
    assert "After a restart: finder and rules alone, set by CAC_BUNDLE." in settled(client)
    assert "in use a finder and rules alone ready" in settled(client)
    changed = rows(store, "model.changed", "model.shadow", "model.rolled_back")
    assert {by for _, by, _ in changed} == {people["administrator"]}
    assert [(kind, body["before"], body["model_version"]) for kind, _, body in changed] == [
        ("model.changed", "a", "c"),
        ("model.shadow", None, "b"),
        ("model.rolled_back", "c", "a"),
        ("model.changed", "a", "c"),
        ("model.changed", "c", "a"),
    ]
    with store.read() as session:
        assert not in_force(session, settings, Name.SHADOW).is_stored


def test_a_model_that_fails_is_told_with_its_reason(client: TestClient, store: Store) -> None:
    log_in(client)
    post(client, "/admin/models", bundle="broken", act="current")
    shown = settled(client)
    assert "administrator broken answer failed: The manifest is damaged." in shown
    assert "in use a finder and rules alone ready" in shown
    assert [kind for kind, *_ in rows(store, "model.asked", "model.failed")] == [
        "model.asked", "model.failed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"bundle": "nowhere", "act": "current"}, "no bundle of this name"),
        ({"bundle": "../better", "act": "shadow"}, "A bundle is default"),
        ({"registry": "file:///etc/passwd", "act": "current"}, "A bundle is default"),
        ({"act": "back"}, "no earlier model"),
        ({"bundle": "better"}, "Choose one of the buttons"),
    ],
)
def test_what_cannot_be_changed_is_said(
    client: TestClient, fields: dict[str, str], says: str
) -> None:
    log_in(client)
    answer = post(client, "/admin/models", **fields)
    assert answer.status_code == 422
    assert says in words(answer.text)


def test_a_second_change_waits_for_the_first(client: TestClient, stubs: dict[str, Any]) -> None:
    log_in(client)
    stubs["without gout"].hold.clear()
    try:
        first = post(client, "/admin/models", bundle="better", act="current")
        assert "A model is loading; what is in use goes on to answer." in words(first.text)
        second = post(client, "/admin/models", bundle="default", act="current")
        assert second.status_code == 422
        assert "under way" in words(second.text)
    finally:
        stubs["without gout"].hold.set()
    assert "in use c better" in settled(client)


def test_the_agreement_so_far_is_shown(client: TestClient, keys: dict[str, Any]) -> None:
    log_in(client)
    post(client, "/admin/models", bundle="better", act="shadow")
    settled(client)
    body = {"notes": [{"note_id": "secret-id", "text": "CKD, gout"}]}
    assert client.post("/v1/suggest", json=body, headers=keys["coder"]).is_success
    wait_for(lambda: "Agreement of models" in client.get("/admin").text, "it is compared")
    shown = words(client.get("/admin").text)
    assert "a c 1 1 1 0 0.500 100 % 2026-11-02 09:00 UTC" in shown
    assert "secret-id" not in shown


@pytest.fixture
def keys(store: Store, people: dict[str, str], headers_for: Any) -> dict[str, dict[str, str]]:
    return headers_for(store, people)  # type: ignore[no-any-return]


def test_scopes_of_a_key_are_changed_by_form(client: TestClient, store: Store) -> None:
    log_in(client)

    def made(unit: Any) -> str:
        return add_key(
            unit, user_named(unit.session, "auditor"), "x", [Scope.EXPORT], by="test"
        ).split("_")[1]

    prefix = store.write(made)
    assert "could have: log:read notes:read second suggest" in words(client.get("/admin").text)
    wanted = ["export", "second"]
    path = "/admin/keys/change"
    assert post(client, path, prefix=prefix, act="scopes", scope=wanted).status_code == 200
    for beyond in (["admin"], []):
        answer = post(client, path, prefix=prefix, act="scopes", scope=beyond)
        assert (answer.status_code, "may have one or more of" in answer.text) == (422, True)
    with store.read() as session:
        assert session.get_one(ApiKey, prefix).scopes == "export second"
    [(_, _, body)] = rows(store, "key.scopes")
    assert (body["before"], body["scopes"]) == (["export"], ["export", "second"])


FORMS = {
    "/admin/blinded": {"share": "100", "act": "set"},
    "/admin/models": {"bundle": "better", "act": "current"},
    "/admin/keys/change": {"prefix": "x", "act": "scopes", "scope": "admin"},
}


@pytest.mark.parametrize("path", FORMS)
def test_nobody_else_changes_anything(client: TestClient, store: Store, path: str) -> None:
    for role in ("reader", "coder", "auditor"):
        client.cookies.clear()
        log_in(client, role)
        assert client.get("/admin").status_code == 403
        assert post(client, path, **FORMS[path]).status_code == 403
    client.cookies.clear()
    stranger = client.post(path, data=FORMS[path], follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"][:6]) == (303, "/login")
    assert rows(store, "setting.changed", "model.asked", "key.scopes") == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("forged", [None, "0" * 64])
def test_a_form_of_another_page_is_refused(
    client: TestClient, store: Store, path: str, forged: str | None
) -> None:
    log_in(client)
    token = {"csrf_token": forged} if forged else {}
    assert client.post(path, data=token | FORMS[path]).status_code == 403
    assert rows(store, "setting.changed", "model.asked", "key.scopes") == []


def test_axe_finds_nothing_and_no_script_is_needed(
    contexts: Callable[..., Any], url: str, desk: Desk, keep: Any
) -> None:
    owner = next(iter(desk.people))
    desk.store.write(
        lambda unit: add_key(unit, user_named(unit.session, owner), "x", [Scope.SUGGEST], by="t")
    )
    plain = contexts("administrator", java_script_enabled=False).new_page()
    plain.goto(f"{url}/admin")
    plain.get_by_label("Share of new notes").fill("50")
    plain.get_by_role("button", name="Set the share").click()
    assert "50 %" in plain.locator("#notes-title + p").inner_text()
    plain.get_by_role("button", name="Let it shadow").click()
    wait_for(lambda: plain.goto(f"{url}/admin") and has_shadow(plain), "the shadow is loaded")
    plain.locator("summary").first.click()
    plain.get_by_label("notes:read").first.check()
    plain.get_by_role("button", name="Set the scopes").first.click()
    assert plain.get_by_text("notes:read suggest").count() == 1
    plain.close()
    for scheme in ("light", "dark"):
        page = contexts("administrator", color_scheme=scheme).new_page()
        page.goto(f"{url}/admin")
        page.locator("summary").first.click()
        keep(page, f"admin-{scheme}")
        assert violations(page) == []
        for width in (1440, 720, 320):
            page.set_viewport_size({"width": width, "height": 450})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.close()
    desk.store.write(lambda unit: forget_setting(unit, Name.BLINDED_SHARE, by="test"))


def has_shadow(page: Any) -> bool:
    return bool(page.get_by_role("button", name="End the shadow").count())
