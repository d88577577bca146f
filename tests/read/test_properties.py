"""What holds for every text, however odd."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cac.note import Note, Span

_PIECES = st.sampled_from(
    [
        "No fever",
        ", ",
        ". ",
        "\n",
        "\r\n",
        "\n\n",
        "\t",
        "; ",
        "HPI:",
        "A/P:\n",
        "FAMILY HISTORY",
        "Family History: ",
        "denies ",
        "if ",
        "mother had ",
        "1. ",
        "• ",
        "possible ",
        "?",
        "(-)",
        "history of ",
        "5 years ago",
        "in 2009",
        "but ",
        "\u00a0",
        "é",
        "e\u0301",
        "😀",
        "\x00",
        "\ud800",
        "İ",
        "’s",
        "ß",
        ".,",
        ": ,",
        "Dr. ",
        "Graves",
        " Center",
        ", MD",
        "q.d. ",
        "##",
        "**",
        "-",
        "no",
        "sin ",
        "[ ] ",
        "[x] ",
        "(x)",
        "☐",
        "Yes ",
        "No ",
        "|",
        " + ",
        ": ",
    ]
)
TEXTS = st.one_of(
    st.lists(_PIECES, max_size=40).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=120),
)
_SETTINGS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("language", ["en", "es"])
@_SETTINGS
@given(text=TEXTS)
def test_every_text_is_read(language: str, text: str, readers: Any) -> None:
    annotated = readers[language].read(Note("n", text, language=language))
    _sections_cover(annotated.sections, len(text))
    _in_order(annotated.tokens, len(text))
    _in_order(annotated.sentences, len(text))
    for span in annotated.tokens:
        assert text[span.start : span.end].strip()
    for modifier in annotated.modifiers:
        assert 0 <= modifier.scope.start < modifier.scope.end <= len(text)
        assert 0 <= modifier.cue.start < modifier.cue.end <= len(text)


@_SETTINGS
@given(text=TEXTS)
def test_a_cue_and_its_scope_stay_in_one_sentence(text: str, reader: Any) -> None:
    annotated = reader.read(Note("n", text))
    for modifier in annotated.modifiers:
        if modifier.rule.startswith(("section:", "BOX:")):
            continue
        sentence = annotated.sentence_at(modifier.cue)
        assert sentence is not None
        assert sentence.contains(modifier.cue)
        assert sentence.contains(modifier.scope)


@_SETTINGS
@given(text=TEXTS)
def test_every_word_is_in_a_token(text: str, reader: Any) -> None:
    annotated = reader.read(Note("n", text))
    covered = {i for t in annotated.tokens for i in range(t.start, t.end)}
    assert {i for i, c in enumerate(text) if not c.isspace()} <= covered


def _sections_cover(sections: Any, length: int) -> None:
    position = 0
    for section in sections:
        if len(section.title):
            assert section.title.start == position
        assert section.title.end in (section.body.start, section.title.start)
        assert section.body.start in (section.title.end, position)
        position = section.body.end
    assert position == length


def _in_order(spans: tuple[Span, ...], length: int) -> None:
    position = 0
    for span in spans:
        assert position <= span.start < span.end <= length
        position = span.end
