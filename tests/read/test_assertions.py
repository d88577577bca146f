"""Sentences marked with what is said of their parts, English and Spanish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cac.note import Assertion, Note

_DATA = Path(__file__).parent / "data"


def _sentences(language: str) -> list[str]:
    lines = (_DATA / f"marked_{language}.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("# ")]
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in lines]


def test_there_are_enough_marked_sentences() -> None:
    assert len(_sentences("en")) >= 150
    assert len(_sentences("es")) >= 60


@pytest.mark.parametrize(
    ("language", "sentence"),
    [(language, sentence) for language in ("en", "es") for sentence in _sentences(language)],
)
def test_marked_sentence(language: str, sentence: str, readers: Any, parse: Any) -> None:
    marked = parse(sentence)
    annotated = readers[language].read(Note("marked", marked.text, language=language))
    for span, wanted in marked.spans:
        found = frozenset(annotated.assertions_of(span))
        assert found == wanted, (marked.text[span.start : span.end], annotated.modifiers_of(span))


def test_cue_and_rule_are_given(reader: Any) -> None:
    annotated = reader.read(Note("1", "There is no evidence of pneumonia."))
    (modifier,) = annotated.modifiers
    assert annotated.note.text[modifier.cue.start : modifier.cue.end] == "no evidence of"
    assert modifier.assertion is Assertion.NEGATED
    assert modifier.rule == "FORWARD:no evidence of"
