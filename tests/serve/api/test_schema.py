"""The OpenAPI description, and requests made from it at random."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

from serve.http import problems

from ..waiting import wait_for

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serve_at: Callable[..., Any]) -> Iterator[Any]:
    with serve_at(tmp_path_factory.mktemp("schema")) as given:
        yield given


def test_no_request_made_from_the_schema_is_a_failure(served: Any) -> None:
    described = served.client.get("/v1/openapi.json").json()
    n_operations = 0
    for found in schemathesis.openapi.from_dict(described).get_all_operations():
        fuzz(found.ok(), served)
        n_operations += 1
    assert n_operations > 20


def fuzz(operation: Any, served: Any) -> None:
    known = set(operation.definition.raw["responses"])

    @given(case=operation.as_strategy())
    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        has_body = isinstance(case.body, dict | list | str | int | float | bool)
        answer = served.client.request(
            case.method,
            case.formatted_path,
            params=case.query,
            headers=served.keys["administrator"] | {"Content-Type": "application/json"},
            content=json.dumps(case.body) if has_body else None,
        )
        assert str(answer.status_code) in known, (case.method, operation.path, answer.text)

    ask()


def test_every_path_is_described_with_its_refusals(served: Any) -> None:
    described = served.client.get("/v1/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            if path.startswith("/v1/"):
                assert {"401", "403", "422"} <= set(operation["responses"]), (path, method)
    assert described["components"]["securitySchemes"]


def test_every_resource_stands_in_the_guide(served: Any) -> None:
    guide = (ROOT / "docs" / "api.md").read_text("utf-8")
    described = served.client.get("/v1/openapi.json").json()
    resources = {"/".join(path.split("/")[:3]) for path in described["paths"]}
    assert [r for r in sorted(resources) if r not in guide] == []


COMPLETED = {
    "expected_version": 0,
    "decisions": [
        {"kind": "accept", "code": {"system": "ICD-10-CM", "value": "N18.32"}},
        {"kind": "add", "code": {"system": "CPT", "value": "99213"}},
        {"kind": "complete"},
    ],
}
"""What the draft of a claim needs before it."""


def kinds() -> Iterator[tuple[str, str]]:
    """Yield status and word of each problem that the server's source names."""
    for path in (ROOT / "serve").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status, kind = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(kind, ast.Constant):
                    yield str(status.value), kind.value
    yield from ((str(status), kind) for _, status, kind in problems._STATUS)
    yield from ((str(status), kind) for status, (kind, _) in problems._FRAMEWORK.items())


def test_every_refusal_stands_in_the_guide() -> None:
    guide = (ROOT / "docs" / "api.md").read_text("utf-8")
    table = guide.partition("## Refusals")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\d, ]+) \| (.*) \|$", table, re.MULTILINE)
    told = [(status, words) for given, words in rows for status in given.split(", ")]
    found = set(kinds())
    assert len(found) > 20
    lacking = [
        each for each in sorted(found)
        if not any(each[0] == s and f"`{each[1]}`" in words for s, words in told)
    ]  # fmt: skip
    assert lacking == []


def examples(described: Any) -> Iterator[tuple[str, str, str, Any]]:
    """Yield method, path, kind and body of each example in the description."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            for kind, content in body.items():
                schema = content["schema"]
                named = [schema, *schema.get("anyOf", ())]
                names = [s["$ref"].rpartition("/")[2] for s in named if "$ref" in s]
                models = [described["components"]["schemas"][name] for name in names]
                found = [content.get("example"), *(m["examples"][0] for m in models)]
                yield from ((method, path, kind, e) for e in found if e)


def test_every_example_of_the_description_is_answered(
    client: TestClient, keys: Any, suggester: Any
) -> None:
    suggester.words = {"ckd stage 3b": ("N18.32", "Chronic kidney disease, stage 3b", 0.9)}
    described = client.get("/v1/openapi.json").json()
    with_body = {
        (method, path)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }
    asked = set()
    admin = keys["administrator"]
    for method, path, kind, example in examples(described):
        at = path.replace("{release}", "R4")
        if "{id}" in path:
            note = {"note_id": f"note {len(asked)}", "text": "Assessment: CKD stage 3b."}
            queued = client.post("/v1/notes", json=note, headers=admin).json()["id"]
            at = at.replace("{id}", queued)
            claim = f"/v1/notes/{queued}/claim"
            wait_for(lambda at=claim: client.post(at, headers=admin).is_success, "it is claimed")  # type: ignore[misc]
        if path.endswith("/claim.x12"):
            client.post(f"/v1/notes/{queued}/decisions", json=COMPLETED, headers=admin)
        sent = admin | {"Content-Type": kind}
        answer = client.request(method, at, content=json.dumps(example), headers=sent)
        assert answer.status_code < 300, (path, answer.text)
        asked.add((method, path))
    assert asked == with_body
