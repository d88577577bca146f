"""``claim.x12`` of a note: who may, when, and what is kept of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from serve.api import claims
from serve.store.tables import LogRow

from ..waiting import wait_for

CKD = {"system": "ICD-10-CM", "value": "N18.9"}
NAME = "Marmaduke"


@pytest.fixture
def reviewed(client: Any, keys: Any) -> Callable[..., str]:
    def review(setting: str, *decisions: Any) -> str:
        body = {"note_id": f"n-{setting}", "text": "CKD and gout.", "setting": setting}
        id_: str = client.post("/v1/notes", json=body, headers=keys["coder"]).json()["id"]
        path = f"/v1/notes/{id_}"
        wait_for(
            lambda: client.post(f"{path}/claim", headers=keys["coder"]).is_success, "it is claimed"
        )
        sent = {"expected_version": 0, "decisions": [{"kind": "accept", "code": CKD}, *decisions]}
        done = client.post(f"{path}/decisions", json=sent, headers=keys["coder"])
        assert done.status_code == 200, done.text
        return id_

    return review


def test_a_complete_note_is_answered_as_a_draft_and_logged(
    client: Any, keys: Any, store: Any, reviewed: Callable[..., str]
) -> None:
    id_ = reviewed("outpatient", {"kind": "complete"})
    answer = client.get(f"/v1/notes/{id_}/claim.x12", headers=keys["auditor"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].lower() == "application/edi-x12"
    assert "HI*ABK:N189~" in answer.text
    assert "gout" not in answer.text
    with store.read() as session:
        logged = session.scalars(select(LogRow).where(LogRow.kind == "note.exported")).all()
    assert [(row.note_id, '"format":"x12"' in row.body) for row in logged] == [(id_, True)]


def test_what_the_site_sends_stands_in_the_draft_and_is_not_kept(
    client: Any, keys: Any, store: Any, reviewed: Callable[..., str]
) -> None:
    poa = {"kind": "poa", "code": CKD, "poa": "Y"}
    id_ = reviewed("inpatient", poa, {"kind": "complete"})
    known = {"subscriber": {"name": NAME}}
    answer = client.post(f"/v1/notes/{id_}/claim.x12", json=known, headers=keys["administrator"])
    assert answer.status_code == 200, answer.text
    assert f"NM1*IL*1*{NAME.upper()}*" in answer.text
    assert "HI*ABK:N189:::::::Y~" in answer.text
    with store.read() as session:
        bodies = session.scalars(select(LogRow.body)).all()
    assert NAME.upper() not in "".join(bodies).upper()


def test_a_note_that_is_not_complete_or_lacks_poa_is_refused(
    client: Any, keys: Any, reviewed: Callable[..., str]
) -> None:
    for setting, decisions, told in (
        ("outpatient", (), "not complete"),
        ("inpatient", ({"kind": "complete"},), "POA"),
    ):
        id_ = reviewed(setting, *decisions)
        answer = client.get(f"/v1/notes/{id_}/claim.x12", headers=keys["auditor"])
        assert answer.status_code == 409
        assert told in answer.json()["detail"]


def test_an_export_needs_its_scope(client: Any, keys: Any, reviewed: Callable[..., str]) -> None:
    id_ = reviewed("outpatient", {"kind": "complete"})
    for role in ("reader", "coder"):
        answer = client.get(f"/v1/notes/{id_}/claim.x12", headers=keys[role])
        assert answer.status_code == 403
    assert client.get(f"/v1/notes/{id_}/claim.x12").status_code == 401
    assert client.get("/v1/notes/n_0/claim.x12", headers=keys["auditor"]).status_code == 404


def test_a_wrong_field_is_named_without_its_value(
    client: Any, keys: Any, reviewed: Callable[..., str]
) -> None:
    id_ = reviewed("outpatient", {"kind": "complete"})
    known = {"payer": {"name": f"{NAME}*"}}
    answer = client.post(f"/v1/notes/{id_}/claim.x12", json=known, headers=keys["auditor"])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/payer/name"
    assert NAME not in answer.text


def test_without_the_library_it_says_what_to_install(
    client: Any, keys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "is_installed", lambda: False)
    answer = client.get("/v1/notes/n_0/claim.x12", headers=keys["auditor"])
    assert answer.status_code == 501
    assert "cac[x12]" in answer.json()["detail"]


def test_what_the_guide_refuses_is_refused(
    client: Any, keys: Any, store: Any, reviewed: Callable[..., str]
) -> None:
    id_ = reviewed("outpatient", {"kind": "complete"})
    known = {"subscriber": {"state": "QQ"}}
    answer = client.post(f"/v1/notes/{id_}/claim.x12", json=known, headers=keys["auditor"])
    assert answer.status_code == 422
    assert "Subscriber State Code" in answer.json()["detail"]
    with store.read() as session:
        assert not session.scalars(select(LogRow).where(LogRow.kind == "note.exported")).all()


def test_who_works_on_one_review_does_not_export_the_other(
    client: Any, keys: Any, store: Any, people: Any, reviewed: Callable[..., str]
) -> None:
    id_ = reviewed("outpatient", {"kind": "complete"})
    second = client.post(f"/v1/notes/{id_}/second", headers=keys["auditor"]).json()["id"]
    path = f"/v1/notes/{id_}/claim.x12"
    assert client.get(path, headers=keys["auditor"]).status_code == 200
    claimed = client.post(f"/v1/notes/{second}/claim", headers=keys["administrator"])
    assert claimed.status_code == 200, claimed.text
    assert client.get(path, headers=keys["administrator"]).status_code == 403
