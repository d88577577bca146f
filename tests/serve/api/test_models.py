"""``/v1/models``."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cac.errors import BundleError
from serve.app import create_app
from serve.errors import StoreUnavailableError
from serve.settings import Settings
from serve.store import Store
from serve.store.site import Name, in_force
from serve.store.tables import LogRow

from ..conftest import settings_with_bundles
from ..waiting import wait_for

Keys = dict[str, dict[str, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_with_bundles(tmp_path)


Start = Callable[[], AbstractContextManager[TestClient]]


@pytest.fixture
def start(settings: Settings, store: Store, stubs: dict[str, Any]) -> Start:
    """Serve from the same database, again and again: each time is a restart."""

    def load(bundle: str | None) -> Any:
        name = Path(bundle or "a").name
        if name == "broken":
            raise BundleError("The manifest is damaged.")
        return stubs[{"better": "without gout", "NAME@production": "b"}.get(name, name)]

    @contextmanager
    def started() -> Iterator[TestClient]:
        opened = Store(settings, store.secrets, clock=store.clock)
        app = create_app(settings, opened, load=load)
        with TestClient(app, base_url="http://localhost") as client:
            wait_for(lambda: client.get("/readyz").status_code == 200, "a model is warm")
            yield client

    return started


@pytest.fixture
def client(start: Start) -> Iterator[TestClient]:
    with start() as client:
        yield client


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

    wait_for(lambda: models()["agreement"], "the shadow has answered, and it is kept")
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


def test_model_shadow_and_agreement_outlive_the_server(start: Start, admin: dict[str, str]) -> None:
    body = {"notes": [{"note_id": "1", "text": "CKD, gout"}]}

    def shown(client: TestClient) -> Any:
        return client.get("/v1/models", headers=admin).json()

    def ask(client: TestClient, n_notes: int) -> Any:
        assert client.post("/v1/suggest", json=body, headers=admin).status_code == 200
        found: list[Any] = []

        def is_kept() -> bool:
            found[:] = shown(client)["agreement"]
            return bool(found) and found[0]["n_notes"] == n_notes

        wait_for(is_kept, "the comparison is kept")
        return found

    with start() as client:
        put(client, admin, "current", "models:/NAME@production")
        put(client, admin, "shadow", "better")
        [first] = ask(client, 1)
    with start() as client:
        assert shown(client)["current"]["model_version"] == "b"
        wait_for(lambda: shown(client)["shadow"], "the shadow is back")
        assert shown(client)["agreement"] == [first]
        [second] = ask(client, 2)
        assert second["first_at"] == first["first_at"]
        assert client.delete("/v1/models/shadow", headers=admin).status_code == 200
    counts = {name: second[name] for name in second if name not in ("first_at", "last_at")}
    assert counts == {
        "model_version": "b", "shadow_version": "c", "n_notes": 2, "n_both": 2,
        "n_model_only": 2, "n_shadow_only": 0, "mean_jaccard": 0.5, "same_first": 1.0,
    }  # fmt: skip
    with start() as client:
        assert shown(client)["shadow"] is None


def test_each_change_is_logged_with_what_was_before(
    client: TestClient, admin: dict[str, str], store: Store, people: dict[str, str]
) -> None:
    put(client, admin, "current", "better")
    put(client, admin, "current", "broken")
    client.post("/v1/models/rollback", headers=admin)
    with store.read() as session:
        rows = session.query(LogRow).where(LogRow.kind.startswith("model.")).all()
        said = [(row.kind, json.loads(row.body)) for row in rows]
    assert {row.user_id for row in rows} == {people["administrator"]}
    asked = {"place": "current", "bundle": "better"}
    assert said == [
        ("model.asked", asked),
        ("model.changed", {"model_version": "c", "before": "a"}),
        ("model.asked", asked | {"bundle": "broken"}),
        ("model.failed", asked | {"bundle": "broken", "error": "BundleError"}),
        ("model.rolled_back", {"model_version": "a", "before": "c"}),
    ]
    with store.read() as session:
        force = in_force(session, store.settings, Name.BUNDLE)
    assert (force.value, force.is_stored) == ("", False)  # that of the variable again


def test_a_stored_bundle_that_is_gone_leaves_the_server_up_to_choose_another(
    start: Start, admin: dict[str, str], settings: Settings, store: Store, stubs: dict[str, Any]
) -> None:
    with start() as client:
        put(client, admin, "current", "better")

    def load(bundle: str | None) -> Any:
        if bundle:
            raise BundleError(f"There is no bundle {Path(bundle).name}.")
        return stubs["a"]

    again = Store(settings, store.secrets, clock=store.clock)
    app = create_app(settings, again, load=load)
    with TestClient(app, base_url="http://localhost") as client:
        wait_for(lambda: "no bundle better" in client.get("/readyz").text, "it has failed")
        assert client.put("/v1/models/current", json={"bundle": ""}, headers=admin).is_success
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("what", ["current", "shadow"])
def test_a_change_that_cannot_be_kept_is_taken_back(
    client: TestClient, admin: dict[str, str], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Store.write
    n_writes = itertools.count(1)

    def second_fails(self: Store, work: Any) -> Any:
        if next(n_writes) == 2:
            raise StoreUnavailableError("away")
        return written(self, work)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", second_fails)
        assert put(client, admin, what, "better").status_code == 503
    shown = client.get("/v1/models", headers=admin).json()
    assert (shown["current"]["model_version"], shown["shadow"]) == ("a", None)
