"""Codes by their beginning, beside words that are none."""

import pytest

from cac.codes import load_icd10cm
from serve.api.code_beginnings import begun_cm, begun_titles

TITLES = {"J1885": "Ketorolac", "J1890": "Cephalothin", "99213": "Visit", "250.00": "Diabetes"}


@pytest.mark.parametrize("words", ["gout", "i", "covid", "type 2 diabetes", "I50.2 failure"])
def test_words_are_no_codes(words: str) -> None:
    assert begun_cm(load_icd10cm(), words, 5) == []


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("j18", ["J1885", "J1890"]), ("99213", ["99213"]), ("2500", ["250.00"]), ("visit", [])],
)
def test_flat_lists(query: str, wanted: list[str]) -> None:
    assert [code for code, _, _ in begun_titles(TITLES, query, 5)] == wanted
