"""How long and how many: what the settings of a site bound."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from serve.settings import Settings

LONG = "gout " * 5


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"max_note_chars": 24, "max_notes": 2})


def bodies(text: str, n_notes: int) -> Iterator[tuple[str, Any]]:
    notes = [{"note_id": f"n{n}", "text": text} for n in range(n_notes)]
    data = base64.b64encode(text.encode()).decode()
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"contentType": "text/plain", "data": data}}],
    }
    entries = [{"resource": document}] * n_notes
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    yield "/v1/suggest", {"notes": notes}
    yield "/v1/fhir/R4/suggest", bundle
    if n_notes == 1:
        yield "/v1/notes", notes[0]
        yield "/v1/jobs", {"notes": notes}
        yield "/comprehendmedical", {"Text": text}


def test_a_note_has_so_many_characters(client: TestClient, keys: Any) -> None:
    for path, body in bodies(LONG[:24], 1):
        assert client.post(path, json=body, headers=keys["coder"]).is_success, path
    for path, body in bodies(LONG[:25], 1):
        answer = client.post(path, json=body, headers=keys["coder"])
        assert answer.status_code == (400 if "comprehend" in path else 422), path
        assert "24" in answer.text
        assert "gout" not in answer.text


def test_a_request_has_so_many_notes(client: TestClient, keys: Any) -> None:
    for path, body in bodies("gout", 2):
        assert client.post(path, json=body, headers=keys["coder"]).is_success, path
    for path, body in bodies("gout", 3):
        answer = client.post(path, json=body, headers=keys["coder"])
        assert answer.status_code == 422, path
        assert "may have 2 " in answer.text
        assert "gout" not in answer.text
