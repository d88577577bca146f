"""``/v1/models``."""

import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cac.errors import BundleError
from serve.app import create_app
from serve.settings import Settings
from serve.store import Store

from ..waiting import wait_for

Keys = dict[str, dict[str, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in ("better", "broken"):
        (tmp_path / "bundles" / name).mkdir(parents=True)
    return Settings(
        state=tmp_path / "state",
        secrets=tmp_path / "secrets",
        bundle="",
        bundles=tmp_path / "bundles",
    )


@pytest.fixture
def client(settings: Settings, store: Store, stubs: dict[str, Any]) -> Any:
    def load(bundle: str | None) -> Any:
        name = Path(bundle or "a").name
        if name == "broken":
            raise BundleError("The manifest is damaged.")
        return stubs[{"better": "without gout", "NAME@production": "b"}.get(name, name)]

    with TestClient(create_app(settings, store, load=load), base_url="http://localhost") as opened:
        end = time.monotonic() + 10
        while opened.get("/readyz").status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.005)
        yield opened


@pytest.fixture
def admin(store: Store, people: dict[str, str], headers_for: Any) -> dict[str, str]:
    return headers_for(store, people)["administrator"]  # type: ignore[no-any-return]


def put(client: TestClient, admin: dict[str, str], what: str, bundle: str) -> Any:
    return client.put(f"/v1/models/{what}", json={"bundle": bundle}, headers=admin)


def test_the_model_is_changed_and_changed_back(client: TestClient, admin: dict[str, str]) -> None:
    changed = put(client, admin, "current", "better").json()
    assert changed["current"] == {"model_version": "c", "bundle": "better"}
    assert changed["previous"]["model_version"] == "a"
    assert client.get("/readyz").json()["model_version"] == "c"
    back = client.post("/v1/models/rollback", headers=admin).json()
    assert back["current"]["model_version"] == "a"
    registry = put(client, admin, "current", "models:/NAME@production").json()
    assert registry["current"] == {"model_version": "b", "bundle": "models:/NAME@production"}


@pytest.mark.parametrize(
    ("bundle", "status"),
    [
        ("broken", 422),
        ("nowhere", 422),
        ("..", 422),
        ("../../etc", 422),
        ("/etc", 422),
        ("models:/a/../b@c", 422),
        ("file:///etc/passwd", 422),
    ],
)
def test_a_change_that_fails_leaves_the_model(
    client: TestClient, admin: dict[str, str], bundle: str, status: int
) -> None:
    assert put(client, admin, "current", bundle).status_code == status
    assert client.get("/readyz").json()["model_version"] == "a"


def test_a_shadow_is_compared_unseen(client: TestClient, admin: dict[str, str]) -> None:
    put(client, admin, "shadow", "better")
    body = {"notes": [{"note_id": "1", "text": "CKD, gout"}]}
    [result] = client.post("/v1/suggest", json=body, headers=admin).json()["results"]
    assert result["model_version"] == "a"

    def models() -> Any:
        return client.get("/v1/models", headers=admin).json()

    wait_for(lambda: models()["newest"], "the shadow has answered")
    shown = models()
    assert shown["newest"][0]["jaccard"] == 0.5
    assert shown["agreement"][0]["shadow_version"] == "c"
    assert client.delete("/v1/models/shadow", headers=admin).json()["shadow"] is None


def test_nobody_else_changes_the_model(
    client: TestClient, store: Store, people: dict[str, str], headers_for: Any
) -> None:
    keys = headers_for(store, people)
    for role in ("reader", "coder", "auditor"):
        assert put(client, keys[role], "current", "better").status_code == 403
        assert client.get("/v1/models", headers=keys[role]).status_code == 403


def test_a_model_that_does_not_load_leaves_the_server_up(settings: Settings, store: Store) -> None:
    def load(_: str | None) -> Any:
        raise BundleError("The manifest is damaged.")

    with TestClient(create_app(settings, store, load=load), base_url="http://localhost") as opened:
        wait_for(lambda: "loading" not in opened.get("/readyz").text, "the model did not load")
        answer = opened.get("/readyz")
        assert answer.status_code == 503
        assert "manifest is damaged" in answer.json()["detail"]
        assert answer.headers["Retry-After"]
        assert opened.get("/healthz").status_code == 200
