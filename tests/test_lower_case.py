"""Patterns for text in lower case meet what the same patterns meet that ignore case."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.lower_case import compile_lowered, lowered

PATTERNS = (r"\bNICU\b|twin [AB]\b", r"(?P<Stage>\W[^A-C]\S+)\D", r"É[A-Z]+\b", r"G\d+\s?P\d")


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text(alphabet="NICU twinABÉé-7 gG2P1.\n", max_size=40))
def test_it_meets_what_ignoring_case_meets(pattern: str, text: str) -> None:
    quick, slow = compile_lowered(pattern), re.compile(pattern, re.IGNORECASE)
    found = [match.span() for match in quick.finditer(lowered(text))]
    assert found == [match.span() for match in slow.finditer(text)]


@given(st.text())
def test_text_stays_as_long(text: str) -> None:
    assert len(lowered(text)) == len(text)


def test_letters_that_grow_stay() -> None:
    assert lowered("İX") == "İx"


def test_a_pattern_that_tells_case_is_refused() -> None:
    with pytest.raises(ValueError, match="tells case"):
        compile_lowered(r"neg (?-i:[A-Z])")
