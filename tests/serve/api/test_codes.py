"""``/v1/codes``."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def get(
    tmp_path_factory: pytest.TempPathFactory, serve_at: Callable[..., Any]
) -> Iterator[Callable[[str], Any]]:
    with serve_at(tmp_path_factory.mktemp("codes")) as served:
        yield lambda path: served.client.get(f"/v1/codes/{path}", headers=served.keys["reader"])


def test_a_code_has_its_hierarchy_and_its_notes(get: Callable[[str], Any]) -> None:
    found = get("ICD-10-CM/e1122").json()
    assert found["code"] == "E11.22"
    assert found["billable"]
    assert [p["code"] for p in found["parents"]][:2] == ["E11.2", "E11"]
    assert {s["code"] for s in found["siblings"]} == {"E11.21", "E11.29"}
    assert "use_additional" in {n["kind"] for n in found["notes"]}
    assert get("icd10cm/E11").json()["children"]
    assert get("icd10cm/S72.001").json()["seventh_characters"]


def test_words_find_codes(get: Callable[[str], Any]) -> None:
    codes = get("icd10cm?q=acute on chronic systolic heart failure&limit=3").json()["codes"]
    assert codes[0]["code"] == "I50.23"
    assert len(codes) <= 3


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("i50.2", ["I50.2", "I50.20", "I50.21", "I50.22", "I50.23"]),
        ("I5023", ["I50.23"]),
        ("I10", ["I10"]),
        ("E11.22 ", ["E11.22"]),
    ],
)
def test_a_code_is_found_by_its_beginning(
    get: Callable[[str], Any], query: str, wanted: list[str]
) -> None:
    codes = get(f"icd10cm?q={query}&limit=5").json()["codes"]
    assert [c["code"] for c in codes] == wanted
    assert codes[-1]["billable"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("icd10cm/Q99.99", 404),
        ("icd11/E11", 404),
        ("icd10cm/..%2f..", 404),
        ("icd10cm/E11%27--", 422),
        ("icd10cm?q=", 422),
        ("icd10cm", 422),
        ("icd10cm?q=gout&limit=1000", 422),
        ("icd10cm/E11?service_date=Marmaduke", 422),
    ],
)
def test_what_is_not_there_is_refused_without_an_echo(
    get: Callable[[str], Any], path: str, status: int
) -> None:
    answer = get(path)
    assert answer.status_code == status, answer.text
    assert "Marmaduke" not in answer.text
    assert "99.99" not in answer.text
