"""``GET /v1/notes/{id}/why/...``."""

from typing import Any

import pytest

from cac.coding import Code
from cac.explanation import Explanation, Reason
from cac.note import Note, Span


def explain(note: Note, code: Code) -> Explanation:
    return Explanation(code, True, 1, 0.9, (Reason("mention", f"a term of {code}", (Span(0, 3),)),))


@pytest.fixture
def why(serving: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(serving.suggester, "explain", explain, raising=False)
    return reasons_of(serving)


def reasons_of(serving: Any, text: str = "CKD stage 3b") -> Any:
    note = {"note_id": "n", "text": text}
    sent = serving.client.post("/v1/notes", json=note, headers=serving.keys["coder"]).json()

    def asked(code: str, role: str = "coder") -> Any:
        path = f"/v1/notes/{sent['id']}/why/ICD-10-CM/{code}"
        return serving.client.get(path, headers=serving.keys[role])

    return asked


def test_the_reasons_of_the_model_with_their_places(why: Any) -> None:
    answer = why("n1832").json()
    assert answer["model_version"] == "stub-1"
    assert answer["reasons"] == [
        {"kind": "mention", "message": "a term of N18.32", "spans": [{"start": 0, "end": 3}]}
    ]


@pytest.mark.parametrize(("code", "status"), [("x", 422), ("N18.3%27", 422), ("..%2f..", 404)])
def test_what_is_no_code_is_refused(why: Any, code: str, status: int) -> None:
    assert why(code).status_code == status


def test_a_model_without_reasons_says_so(serving: Any) -> None:
    answer = reasons_of(serving)("N18.32")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "The model in use gives no reasons.",
    )
