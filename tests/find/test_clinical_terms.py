"""Our own wordings: their schema, their codes, and what they find in sentences."""

from __future__ import annotations

import json
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from cac.codes import load_icd10cm
from cac.find.load import load_finder
from cac.find.stream import signed_words_of
from cac.note import Note
from cac.read import read_note

ROWS = json.loads((files("cac.find") / "rules" / "clinical_terms.json").read_text("utf-8"))["terms"]
SENTENCES = json.loads(Path(__file__).with_name("clinical_sentences.json").read_text("utf-8"))
NAMED, NOT_NAMED = SENTENCES["named"], SENTENCES["not_named"]
TERMS = [(row["code"], text) for row in ROWS for text in row["terms"]]
EVERYDAY = frozenset(
    """shower home house work school hospital kitchen bathroom store stress exercise insulin
    steroid aspirin opioid antibiotic chemotherapy radiation colonoscopy cut hit fight
    jumped fall walking running swimming sleeping cooking cleaning lifting low high pressure
    nervous tension spike spectrum chat prep panic reflux pale flushed shot blast steam
    hammer incarceration stroke electric postradiation remission bathing working job fine
    bipolar positive negative status history prior surgery patient family other smoke
    exposed tape grass dust cat dog milk egg fish""".split()
)


def codes_in(text: str) -> set[str]:
    """Return the values of all candidates of all mentions of a text."""
    mentions = load_finder(load_icd10cm()).find(read_note(Note("note", text)))
    return {candidate.code.value for mention in mentions for candidate in mention.candidates}


def test_rows_have_a_code_a_kind_and_terms() -> None:
    for row in ROWS:
        assert set(row) == {"code", "kind", "terms"}
        assert row["terms"]
        assert all(term and term == term.strip() for term in row["terms"])
    assert len(ROWS) >= 450
    assert len(TERMS) >= 900


def test_each_code_is_one_row_and_valid() -> None:
    codes = load_icd10cm()
    assert [row["code"] for row in ROWS] == sorted({row["code"] for row in ROWS})
    assert [row["code"] for row in ROWS if not codes.is_valid(row["code"])] == []


def test_no_words_name_two_codes() -> None:
    owners: dict[frozenset[str], set[str]] = defaultdict(set)
    for code, text in TERMS:
        owners[frozenset(signed_words_of(text))].add(code)
    assert [sorted(words) for words, found in owners.items() if len(found) > 1] == []


def test_no_everyday_word_is_a_term() -> None:
    bags = [(text, frozenset(signed_words_of(text))) for _, text in TERMS]
    assert [text for text, bag in bags if not bag] == []
    assert [text for text, bag in bags if len(bag) == 1 and bag <= EVERYDAY] == []


@pytest.mark.parametrize(("sentence", "code"), NAMED)
def test_sentence_names(sentence: str, code: str) -> None:
    found = codes_in(sentence)
    assert any(value.startswith(code) for value in found), sorted(found)


@pytest.mark.parametrize(("sentence", "code"), NOT_NAMED)
def test_sentence_does_not_name(sentence: str, code: str) -> None:
    found = codes_in(sentence)
    assert not any(value.startswith(code) for value in found), sorted(found)


def test_there_are_150_sentences() -> None:
    sentences = [sentence for sentence, _ in (*NAMED, *NOT_NAMED)]
    assert len(set(sentences)) == len(sentences) >= 150
