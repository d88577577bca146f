"""What each request needs, asked of the server with a key for every scope."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from serve.access.api_keys import add_key
from serve.access.principal import Scope
from serve.access.users import user_named
from serve.store import Store

OPEN = {"/healthz", "/readyz", "/metrics"}
NEEDS = {
    "POST /v1/suggest": "suggest",
    "POST /comprehendmedical/infer-icd10cm": "suggest",
    "POST /v1/fhir/{release}/suggest": "suggest",
    "GET /v1/codes/{system}": "suggest",
    "GET /v1/codes/{system}/{code}": "suggest",
    "GET /v1/worklist": "notes:read",
    "GET /v1/notes/{id}": "notes:read",
    "GET /v1/notes/{id}/history": "notes:read",
    "GET /v1/notes/{id}/answers": "notes:read",
    "GET /v1/notes/{id}/why/{system}/{value}": "notes:read",
    "GET /v1/fhir/{release}/notes/{id}": "notes:read",
    "POST /v1/notes": "notes:write",
    "GET /v1/notes/{id}/status": "notes:write",
    "POST /v1/jobs": "notes:write",
    "GET /v1/jobs/{id}": "notes:write",
    "DELETE /v1/jobs/{id}": "notes:write",
    "GET /v1/jobs/{id}/results": "notes:write",
    "POST /v1/notes/{id}/claim": "review",
    "POST /v1/notes/{id}/release": "review",
    "POST /v1/notes/{id}/decisions": "review",
    "POST /v1/notes/{id}/second": "second",
    "GET /v1/export/decisions": "export",
    "GET /v1/notes/{id}/claim.x12": "export",
    "POST /v1/notes/{id}/claim.x12": "export",
    "DELETE /v1/notes/{id}/text": "admin",
    "GET /v1/models": "admin",
    "PUT /v1/models/current": "admin",
    "POST /v1/models/rollback": "admin",
    "PUT /v1/models/shadow": "admin",
    "DELETE /v1/models/shadow": "admin",
}


@pytest.fixture
def by_scope(store: Store, people: dict[str, str]) -> dict[Scope, dict[str, str]]:
    """A key of the administrator for each scope alone."""
    assert people["administrator"]

    def add(unit: Any) -> dict[Scope, str]:
        owner = user_named(unit.session, "administrator")
        return {scope: add_key(unit, owner, scope, [scope], by="test") for scope in Scope}

    return {s: {"Authorization": f"Bearer {key}"} for s, key in store.write(add).items()}


def test_each_request_needs_its_scope_and_no_other_will_do(
    client: TestClient, by_scope: dict[Scope, dict[str, str]]
) -> None:
    described = client.get("/v1/openapi.json").json()
    found = {}
    for path, methods in described["paths"].items():
        at = path.replace("{release}", "R4").replace("{system}", "ICD-10-CM")
        at = re.sub(r"\{.*?\}", "N18.32", at)
        for method in () if path in OPEN else methods:
            asked = {s: client.request(method, at, headers=h) for s, h in by_scope.items()}
            allowed = [scope.value for scope, a in asked.items() if a.status_code != 403]
            found[f"{method.upper()} {path}"] = ", ".join(allowed)
    assert found == NEEDS


def test_only_an_administrator_takes_a_note_from_who_holds_it(
    client: TestClient, by_scope: dict[Scope, dict[str, str]]
) -> None:
    path = "/v1/notes/nothing/release?force=true"
    refused = client.post(path, headers=by_scope[Scope.REVIEW])
    assert refused.status_code == 403
    assert refused.json()["missing_scope"] == "admin"
