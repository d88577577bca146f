"""Kinds of statement from the words to the suggested codes, a sentence for each rule."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cac.note import Note, Setting
from cac.suggester import Suggester

ROWS = json.loads(Path(__file__).with_name("kinds.json").read_text("utf-8"))["rows"]


@cache
def _suggester() -> Any:
    return Suggester.load()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:60])
def test_a_kind_of_sentence(row: dict[str, Any]) -> None:
    note = Note("kind", row["text"], setting=Setting(row["setting"]))
    found = [s.code.value for s in _suggester().suggest(note).suggestions]
    assert [value for value in row["wanted"] if value not in found] == [], found
    assert [v for v in found if v.startswith(tuple(row["unwanted"]))] == [], found


def test_each_sentence_stands_once() -> None:
    assert len({row["text"] for row in ROWS}) == len(ROWS)
