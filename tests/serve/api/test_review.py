"""A note on its way: queued, suggested, claimed, decided, exported."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from cac.corpus import load_corpus
from serve.access.api_keys import add_key
from serve.access.principal import SCOPES, Principal, Role
from serve.access.users import add_user
from serve.api import export
from serve.app import create_app
from serve.store.notes import note_row

from ..waiting import wait_for

TEXT = "ASSESSMENT:\nCKD, gout. No chest pain."
Keys = dict[str, dict[str, str]]
CKD = {"system": "ICD-10-CM", "value": "N18.9"}
GOUT = {"system": "ICD-10-CM", "value": "M10.9"}


def queue(client: TestClient, keys: Keys, note_id: str = "n1", **more: Any) -> str:
    body = {"note_id": note_id, "text": TEXT, **more}
    answer = client.post("/v1/notes", json=body, headers=keys["coder"])
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/notes/{answer.json()['id']}"
    return answer.json()["id"]  # type: ignore[no-any-return]


def until_ready(client: TestClient, keys: Keys, n_notes: int = 1) -> None:
    def is_ready() -> bool:
        listed = client.get("/v1/worklist", headers=keys["reader"]).json()
        return bool(listed["counts"].get("ready") == n_notes)

    wait_for(is_ready, f"{n_notes} notes are ready")


def decide(
    client: TestClient,
    keys: Keys,
    id_: str,
    version: int,
    *decisions: dict[str, Any],
    **headers: str,
) -> Any:
    body = {"decisions": list(decisions), "expected_version": version}
    sent = keys["coder"] | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/v1/notes/{id_}/decisions", json=body, headers=sent)


@pytest.fixture
def claimed(client: TestClient, keys: Keys) -> str:
    id_ = queue(client, keys, setting="outpatient", service_date="2026-11-02")
    until_ready(client, keys)
    assert client.post(f"/v1/notes/{id_}/claim", headers=keys["coder"]).json()["is_mine"]
    return id_


def test_a_queued_note_is_suggested_and_read_again(
    client: TestClient, keys: Keys, claimed: str
) -> None:
    note = client.get(f"/v1/notes/{claimed}", headers=keys["coder"]).json()
    assert note["text"] == TEXT
    assert note["claimed_by"] == "coder"
    [first, second] = note["suggestions"]
    assert [first["code"], second["code"]] == ["N18.9", "M10.9"]
    [piece] = first["evidence"]
    assert TEXT[piece["start"] : piece["end"]] == piece["text"] == "CKD"
    siblings = [s["code"] for s in first["alternatives"]["siblings"]]
    assert siblings == ["N18.1", "N18.2", "N18.3", "N18.4", "N18.5", "N18.6"]
    assert [p["code"] for p in first["alternatives"]["parents"]] == ["N18"]
    assert [r["rejected_because"] for r in note["rejected"]] == ["negated"]
    assert note["versions"]["model_version"] == "stub-1"
    [section] = [s for s in note["sections"] if s["body"]["end"] > s["body"]["start"]]
    title = section["title"]
    assert TEXT[title["start"] : title["end"]].startswith("ASSESSMENT")
    assert [c["status"] for c in note["state"]["codes"]] == ["suggested"] * 2
    history = client.get(f"/v1/notes/{claimed}/history", headers=keys["coder"]).json()["events"]
    kinds = [event["kind"] for event in history]
    assert kinds == ["note.received", "note.suggested", "note.claimed", "note.viewed"]


def test_who_queued_a_note_asks_where_it_stands_without_claiming_it(
    client: TestClient, keys: Keys
) -> None:
    id_ = queue(client, keys)
    until_ready(client, keys)
    answer = client.get(f"/v1/notes/{id_}/status", headers=keys["coder"])
    assert answer.json()["status"] == "ready"
    assert "CKD" not in answer.text
    assert client.get(f"/v1/notes/{id_}/status", headers=keys["reader"]).status_code == 403
    assert client.get("/v1/notes/n_none/status", headers=keys["coder"]).status_code == 404
    history = client.get(f"/v1/notes/{id_}/history", headers=keys["coder"]).json()["events"]
    assert "note.viewed" not in [event["kind"] for event in history]


def test_decisions_are_answered_with_the_state_and_counted(
    client: TestClient, keys: Keys, claimed: str
) -> None:
    answer = decide(
        client,
        keys,
        claimed,
        0,
        {"kind": "accept", "code": CKD, "active_ms": 900},
        {"kind": "reject", "code": GOUT, "reason": "history_only"},
        {"kind": "add", "code": {"system": "ICD-10-CM", "value": "e119"},
         "evidence": [{"start": 12, "end": 15}]},
        {"kind": "principal", "code": CKD},
        {"kind": "comment", "comment": "ask the nephrologist"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    state = answer.json()["state"]
    assert answer.json()["version"] == state["version"] == 5
    found = {c["value"]: c for c in state["codes"]}
    assert {v: c["status"] for v, c in found.items()} == {
        "N18.9": "accepted", "M10.9": "rejected", "E11.9": "added",
    }  # fmt: skip
    assert found["E11.9"]["description"] == "Type 2 diabetes mellitus without complications"
    assert found["N18.9"]["principal"]
    assert found["N18.9"]["sequence"] == 1
    assert state["comments"][0]["comment"] == "ask the nephrologist"
    assert state["active_ms"] == 900
    shown = client.get("/metrics").text
    assert 'cac_decisions_total{band="accept",kind="accept"} 1.0' in shown
    assert 'cac_decisions_total{band="review",kind="reject"} 1.0' in shown


def test_a_conflict_is_told_and_changes_nothing(
    client: TestClient, keys: Keys, claimed: str
) -> None:
    accept = {"kind": "accept", "code": CKD}
    assert decide(client, keys, claimed, 0, accept).status_code == 200
    assert decide(client, keys, claimed, 0, accept).status_code == 409
    taken = {"decisions": [accept], "expected_version": 1}
    path = f"/v1/notes/{claimed}/decisions"
    assert client.post(path, json=taken, headers=keys["administrator"]).status_code == 409
    assert client.post(path, json=taken, headers=keys["auditor"]).status_code == 403
    assert (
        client.post(f"/v1/notes/{claimed}/claim", headers=keys["administrator"]).status_code == 409
    )


@pytest.mark.parametrize(
    "decision",
    [
        {"kind": "reject", "code": CKD},
        {"kind": "reject", "code": CKD, "reason": "other"},
        {"kind": "add", "code": {"system": "ICD-10-CM", "value": "N18.77"}},
        {"kind": "add", "code": {"system": "CPT", "value": "12"}},
        {"kind": "accept", "code": CKD, "evidence": [{"start": 5, "end": 500}]},
        {"kind": "sequence", "order": [CKD]},
        {"kind": "sign", "code": CKD},
        {"kind": "accept", "code": {"system": "ICD-10-CM", "value": "'; DROP TABLE log; --"}},
    ],
)
def test_what_is_not_allowed_is_refused_whole(
    client: TestClient, keys: Keys, claimed: str, decision: dict[str, Any]
) -> None:
    answer = decide(client, keys, claimed, 0, {"kind": "accept", "code": GOUT}, decision)
    assert answer.status_code == 422
    assert "DROP" not in answer.text
    note = client.get(f"/v1/notes/{claimed}", headers=keys["coder"]).json()
    assert note["state"]["version"] == 0


def test_a_request_sent_twice_is_done_once(client: TestClient, keys: Keys, claimed: str) -> None:
    accept = {"kind": "accept", "code": CKD}
    first = decide(client, keys, claimed, 0, accept, Idempotency_Key="k1")
    again = decide(client, keys, claimed, 0, accept, Idempotency_Key="k1")
    assert again.status_code == 200
    assert again.json() == first.json()
    other = decide(client, keys, claimed, 1, {"kind": "accept", "code": GOUT}, Idempotency_Key="k1")
    assert other.status_code == 409
    assert queue(client, keys, setting="outpatient", service_date="2026-11-02") == claimed
    body = {"note_id": "n1", "text": "gout"}
    assert client.post("/v1/notes", json=body, headers=keys["coder"]).status_code == 409


def test_requests_of_one_key_that_come_together_are_done_once(
    client: TestClient, keys: Keys
) -> None:
    body = {"notes": [{"note_id": "j", "text": TEXT}]}
    sent = keys["coder"] | {"Idempotency-Key": "together"}
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/v1/jobs", json=body, headers=sent) for _ in range(8)]
        answers = [each.result() for each in asked]
    assert {a.status_code for a in answers} == {202}
    assert len({a.text for a in answers}) == 1
    other = client.post("/v1/jobs", json={"notes": body["notes"] * 2}, headers=sent)
    assert other.status_code == 409
    assert other.json()["type"] == "urn:cac:problem:conflict"


def test_a_coder_sees_a_note_only_once_it_is_claimed(client: TestClient, keys: Keys) -> None:
    id_ = queue(client, keys)
    until_ready(client, keys)
    assert client.get(f"/v1/notes/{id_}", headers=keys["coder"]).status_code == 409
    assert client.get(f"/v1/notes/{id_}", headers=keys["auditor"]).status_code == 200
    client.post(f"/v1/notes/{id_}/claim", headers=keys["coder"])
    assert client.get(f"/v1/notes/{id_}", headers=keys["coder"]).status_code == 200
    released = client.post(f"/v1/notes/{id_}/release", headers=keys["coder"]).json()
    assert released["claimed_by"] is None


def test_the_work_list_is_read_by_pages(client: TestClient, keys: Keys) -> None:
    ids = [queue(client, keys, f"n{n}", priority=n % 3, payer=f"p{n % 2}") for n in range(7)]
    until_ready(client, keys, 7)
    seen: list[str] = []
    cursor = ""
    for _ in ids:  # More pages than notes would be pages without end.
        query = f"/v1/worklist?limit=3&sort=priority&status=ready&cursor={cursor}"
        page = client.get(query, headers=keys["reader"]).json()
        seen += [n["id"] for n in page["notes"]]
        assert "text" not in page["notes"][0]
        if not (cursor := page["next_cursor"]):
            break
    assert sorted(seen) == sorted(ids)
    assert seen[0] == ids[2]
    only = client.get("/v1/worklist?payer=p1", headers=keys["reader"]).json()["notes"]
    assert {n["payer"] for n in only} == {"p1"}
    assert client.get("/v1/worklist?cursor=abc", headers=keys["reader"]).status_code == 422
    assert client.get("/v1/worklist?sort=words", headers=keys["reader"]).status_code == 422


def test_a_blinded_note_shows_its_suggestions_to_no_coder(
    client: TestClient, keys: Keys, serving: Any
) -> None:
    id_ = queue(client, keys)
    until_ready(client, keys)
    serving.store.write(lambda unit: setattr(note_row(unit.session, id_), "blinded", True))
    client.post(f"/v1/notes/{id_}/claim", headers=keys["coder"])
    note = client.get(f"/v1/notes/{id_}", headers=keys["coder"]).json()
    assert note["blinded"]
    assert note["suggestions"] == note["rejected"] == note["state"]["codes"] == []
    history = client.get(f"/v1/notes/{id_}/history", headers=keys["coder"]).text
    assert "M10.9" not in history
    assert client.get(f"/v1/notes/{id_}", headers=keys["auditor"]).json()["suggestions"]


def test_deleted_words_are_gone_and_the_history_stands(
    client: TestClient, keys: Keys, claimed: str
) -> None:
    path = f"/v1/notes/{claimed}/text"
    assert client.delete(path, headers=keys["coder"]).status_code == 403
    assert client.delete(path, headers=keys["administrator"]).status_code == 204
    assert client.get(f"/v1/notes/{claimed}", headers=keys["coder"]).status_code == 410
    history = client.get(f"/v1/notes/{claimed}/history", headers=keys["coder"])
    assert history.json()["events"][-1]["kind"] == "note.text_deleted"


def test_decisions_are_exported_as_training_data(
    client: TestClient, keys: Keys, claimed: str, tmp_path: Any
) -> None:
    decide(
        client, keys, claimed, 0, {"kind": "accept", "code": CKD},
        {"kind": "replace", "code": GOUT,
         "replacement": {"system": "ICD-10-CM", "value": "M1A.9XX0"}},
        {"kind": "complete"},
    )  # fmt: skip
    path = "/v1/export/decisions"
    assert client.get(path, headers=keys["coder"]).status_code == 403
    answer = client.get(path, headers=keys["auditor"])
    file = tmp_path / "notes.jsonl"
    file.write_bytes(answer.content)
    # As the stages of the training read a corpus that is named by its path.
    [coded] = [c for split in ("train", "dev", "test") for c in load_corpus(str(file), split)]
    assert [c.value for c in coded.codes] == ["N18.9", "M1A.9XX0"]
    assert [coded.note.text[s.start : s.end] for e in coded.evidence for s in e.spans] == [
        "CKD",
        "gout",
    ]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_an_export_holds_one_note_at_a_time(
    client: TestClient, keys: Keys, serving: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    for n in range(3):
        id_ = queue(client, keys, f"n{n}")
        until_ready(client, keys)  # Those before are complete.
        client.post(f"/v1/notes/{id_}/claim", headers=keys["coder"])
        decide(client, keys, id_, 0, {"kind": "accept", "code": CKD}, {"kind": "complete"})
    read: list[str] = []
    state_of = export.state_of
    monkeypatch.setattr(export, "state_of", lambda *a: read.append(a[2]) or state_of(*a))
    auditor = Principal("u", "auditor", Role.AUDITOR, SCOPES[Role.AUDITOR])
    ids = export._complete(serving.store, auditor, with_seconds=kind == "csv")
    lines = getattr(export, f"_{kind}")(serving.store, ids)
    if kind == "csv":
        next(lines)  # the names of the columns
    assert (len(ids), read) == (3, [])
    for n, line in enumerate(lines, start=1):
        assert f"n{n - 1}" in line
        assert read == ids[:n]


def test_a_cell_of_the_table_is_never_a_formula(client: TestClient, keys: Keys) -> None:
    id_ = queue(client, keys, '=HYPERLINK("http://evil.example")')
    until_ready(client, keys)
    client.post(f"/v1/notes/{id_}/claim", headers=keys["coder"])
    decide(client, keys, id_, 0, {"kind": "accept", "code": CKD}, {"kind": "complete"})
    answer = client.get("/v1/export/decisions?format=csv", headers=keys["auditor"])
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [r["code"] for r in rows] == ["N18.9", "M10.9"]
    assert all(cell[:1] not in "=+-@" or not cell for r in rows for cell in r.values())
    assert rows[0]["note_id"].startswith("'=")


def test_a_job_shows_its_progress_and_its_results(
    client: TestClient, keys: Keys, serving: Any
) -> None:
    notes = [{"note_id": f"j{n}", "text": TEXT} for n in range(3)]
    made = client.post("/v1/jobs", json={"notes": notes}, headers=keys["coder"])
    assert made.status_code == 202
    path = made.headers["Location"]
    until_ready(client, keys, 3)
    done = client.get(path, headers=keys["coder"]).json()
    assert (done["status"], done["n_notes"], done["n_done"]) == ("done", 3, 3)
    lines = client.get(f"{path}/results", headers=keys["coder"]).text.splitlines()
    assert [json.loads(line)["note_id"] for line in lines] == ["j0", "j1", "j2"]
    assert json.loads(lines[0])["suggestions"][0]["evidence"][0]["text"] == "CKD"


def test_a_job_is_cancelled_and_is_nobody_elses(
    client: TestClient, keys: Keys, serving: Any, password_hash: str
) -> None:
    serving.suggester.hold.clear()
    notes = [{"note_id": f"j{n}", "text": TEXT} for n in range(9)]
    path = client.post("/v1/jobs", json={"notes": notes}, headers=keys["coder"]).headers["Location"]

    def second(unit: Any) -> str:
        return add_key(
            unit, add_user(unit, "second", Role.CODER, password_hash=password_hash),
            "x", SCOPES[Role.CODER], by="test",
        )  # fmt: skip

    other = {"Authorization": f"Bearer {serving.store.write(second)}"}
    assert client.get(path, headers=other).status_code == 404
    assert client.delete(path, headers=other).status_code == 404
    cancelled = client.delete(path, headers=keys["coder"]).json()
    assert cancelled["status"] == "cancelled"
    serving.suggester.hold.set()
    assert cancelled["counts"]["cancelled"] >= 8
    id_ = queue(client, keys, "after")
    until_ready(client, keys, 1 + cancelled["counts"].get("ready", 0))
    assert client.get(f"/v1/notes/{id_}/status", headers=keys["coder"]).json()["status"] == "ready"
    # Those that were asked for together may have been read; they are not shown.
    assert len([name for name in serving.suggester.asked if name.startswith("j")]) <= 4
    lines = client.get(f"{path}/results", headers=keys["coder"]).text.splitlines()
    assert len(lines) == client.get(path, headers=keys["coder"]).json()["counts"].get("ready", 0)
    assert client.get("/v1/jobs/none", headers=keys["coder"]).status_code == 404


def test_queued_notes_are_taken_up_after_a_restart(serving: Any, keys: Keys) -> None:
    serving.suggester.hold.clear()
    id_ = queue(serving.client, keys)
    engine = serving.app.state.engine
    # The process ends here: nothing that runs may write any more.
    serving.app.state.parts.background._stopping = True
    engine._stopping = True
    serving.suggester.hold.set()
    fresh = create_app(serving.store.settings, serving.store, load=lambda _: serving.suggester)
    fresh.state.engine.start("")
    fresh.state.parts.background.start()
    client = TestClient(fresh, base_url="http://localhost")
    until_ready(client, keys)
    fresh.state.engine.stop()
    fresh.state.parts.background.stop()
    assert client.get(f"/v1/notes/{id_}", headers=keys["auditor"]).json()["suggestions"]


def test_a_note_that_the_model_fails_at_is_told_and_holds_up_no_other(
    serving: Any, keys: Keys
) -> None:
    good = serving.suggester.suggest

    def suggest(note: Any, **options: Any) -> Any:
        if note.note_id == "bad":
            raise ValueError("Marmaduke Quill")
        return good(note, **options)

    serving.suggester.suggest = suggest
    queue(serving.client, keys, "bad")
    queue(serving.client, keys, "good")
    until_ready(serving.client, keys)
    listed = serving.client.get("/v1/worklist?status=failed", headers=keys["reader"])
    assert [n["failure"] for n in listed.json()["notes"]] == ["ValueError"]
    assert "Marmaduke" not in listed.text
