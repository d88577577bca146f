"""Every rule of every language runs on the sentence that it exists for."""

from __future__ import annotations

import pytest
from marked import parse

from cac.note import AnnotatedNote, Assertion, Note, Span
from cac.read import Reader
from cac.read.rule_files import LANGUAGES, load_rules

_RULES = [
    pytest.param(language, rule, id=f"{language}:{rule.direction}:{rule.literal}"[:80])
    for language in LANGUAGES
    for rule in load_rules(language).context
]
_READERS = {language: Reader(language) for language in LANGUAGES}


def _with_literal(example: str, literal: str) -> str:
    start, end = example.index("["), example.index("]")
    return f"{example[:start]}[{literal}]{example[end + 1 :]}"


def _read(language: str, text: str) -> AnnotatedNote:
    return _READERS[language].read(Note("example", text, language=language))


@pytest.mark.parametrize(("language", "rule"), _RULES)
def test_rule_does_what_its_example_says(language: str, rule: object) -> None:
    metadata = rule.metadata  # type: ignore[attr-defined]
    example = metadata["example"]
    if rule.pattern is None:  # type: ignore[attr-defined]
        example = _with_literal(example, rule.literal)  # type: ignore[attr-defined]
    marked = parse(example, cues=True)
    annotated = _read(language, marked.text)
    for span, wanted in marked.spans:
        found = set(annotated.assertions_of(span))
        if wanted == {Assertion.PRESENT}:
            assert found == wanted, (marked.text, annotated.modifiers_of(span))
        else:
            assert wanted <= found, (marked.text, span, annotated.modifiers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_an_assertion_marks_its_cue(language: str) -> None:
    for rule in load_rules(language).context:
        marked = parse(rule.metadata["example"], cues=True)
        assert marked.spans, rule
        assert marked.cue is not None, rule
        assert Span(0, len(marked.text)).contains(marked.cue)
