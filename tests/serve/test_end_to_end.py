"""The real suggester behind the server: what the library says is what every door answers."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cac.demo import load_demo_note
from cac.outputs.records import result_record
from cac.suggester import Suggester
from serve.app import create_app
from serve.settings import Settings
from serve.store import Store

from .waiting import wait_for

NOTE = load_demo_note("outpatient")


def plain(folder: Path) -> Settings:
    """Finder and rules alone: the model that ships has tests of its own."""
    return Settings(state=folder / "state", secrets=folder / "secrets", bundle="")


@pytest.fixture
def client(tmp_path: Path, store: Store) -> Iterator[TestClient]:
    with TestClient(create_app(plain(tmp_path), store), base_url="http://localhost") as opened:
        wait_for(lambda: opened.get("/readyz").is_success, "the app is ready", seconds=120)
        yield opened


def test_every_door_answers_what_the_library_says(
    client: TestClient, store: Store, people: dict[str, str], headers_for: Any
) -> None:
    keys = headers_for(store, people)
    expected = result_record(Suggester.load().suggest(NOTE), include_rejected=True)
    sent = {"note_id": NOTE.note_id, "text": NOTE.text, "setting": NOTE.setting}
    body = {"notes": [sent], "include_rejected": True}
    [direct] = client.post("/v1/suggest", json=body, headers=keys["reader"]).json()["results"]
    assert direct == expected
    assert len(direct["suggestions"]) > 3

    queued = client.post("/v1/notes", json=sent, headers=keys["coder"]).json()["id"]
    claim = f"/v1/notes/{queued}/claim"
    wait_for(lambda: client.post(claim, headers=keys["coder"]).is_success, "the note is claimed")
    note = client.get(f"/v1/notes/{queued}", headers=keys["coder"]).json()
    kept = [{k: v for k, v in s.items() if k != "alternatives"} for s in note["suggestions"]]
    assert kept == expected["suggestions"]
    assert note["rejected"] == expected["rejected"]

    answer = client.post(
        "/comprehendmedical/infer-icd10cm", json={"Text": NOTE.text}, headers=keys["reader"]
    ).json()
    assert answer["Entities"]
    for entity in answer["Entities"]:
        assert NOTE.text[entity["BeginOffset"] : entity["EndOffset"]] == entity["Text"]
    assert "NEGATION" in {t["Name"] for e in answer["Entities"] for t in e["Traits"]}


# So long that a reading which grows with the square of the length takes half a minute and more.
@pytest.mark.parametrize(
    ("unit", "n_chars"), [("1.", 40_000), ("no fever, ", 40_000), ("(", 40_000), ("CKD ", 20_000)]
)
def test_a_note_of_one_thing_over_and_over_is_answered_in_time(
    client: TestClient,
    store: Store,
    people: dict[str, str],
    headers_for: Any,
    unit: str,
    n_chars: int,
) -> None:
    text = unit * (n_chars // len(unit))
    body = {"notes": [{"note_id": "1", "text": text}]}
    start = time.process_time()
    answer = client.post("/v1/suggest", json=body, headers=headers_for(store, people)["reader"])
    assert answer.status_code == 200
    assert time.process_time() - start < 10
