"""Every rule of every language runs on the sentence that it exists for."""

from __future__ import annotations

from typing import Any

import pytest

from cac.note import Assertion, Note, Span
from cac.read.rule_files import LANGUAGES, load_rules

_BY_DIRECTION = {"FORWARD", "BACKWARD", "BIDIRECTIONAL", "TERMINATE", "PSEUDO"}
_RULES = [(lang, direction) for lang in LANGUAGES for direction in sorted(_BY_DIRECTION)]


def _with_literal(rule: Any) -> str:
    example = str(rule.metadata["example"])
    if rule.pattern is not None:
        return example
    start, end = example.index("["), example.index("]")
    return f"{example[:start]}[{rule.literal}]{example[end + 1 :]}"


@pytest.mark.parametrize(("language", "direction"), _RULES)
def test_rules_do_what_their_examples_say(
    language: str, direction: str, readers: Any, parse: Any
) -> None:
    failed = []
    for rule in load_rules(language).context:
        if rule.direction != direction:
            continue
        marked = parse(_with_literal(rule), cues=True)
        annotated = readers[language].read(Note("example", marked.text, language=language))
        for span, wanted in marked.spans:
            found = set(annotated.assertions_of(span))
            exact = wanted == {Assertion.PRESENT}
            if found != wanted if exact else not wanted <= found:
                failed.append((rule.literal, marked.text, annotated.modifiers_of(span)))
    assert not failed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_marks_its_cue(language: str, parse: Any) -> None:
    for rule in load_rules(language).context:
        marked = parse(rule.metadata["example"], cues=True)
        assert marked.spans, rule
        assert marked.cue is not None, rule
        assert Span(0, len(marked.text)).contains(marked.cue)
