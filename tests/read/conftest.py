"""What all tests of reading need: readers, and text that is marked with what it asserts.

``No <negated>effusion</negated>, <present>fever</present> persists``: tags are assertions in
lower case, several joined by ``+``; ``[brackets]`` mark a cue.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pytest

with warnings.catch_warnings():
    # spaCy 3.7 imports a name that click has since moved.
    warnings.simplefilter("ignore", DeprecationWarning)
    from cac.read import Reader

from cac.note import Assertion, Span

_MARK = re.compile(r"<(?P<open>[a-z_+]+)>|</(?P<close>[a-z_+]+)>|\[|\]")


@dataclass(frozen=True)
class Marked:
    text: str
    spans: tuple[tuple[Span, frozenset[Assertion]], ...]
    cue: Span | None = None


def _parse(marked: str, *, cues: bool = False) -> Marked:
    text, position = "", 0
    spans: list[tuple[Span, frozenset[Assertion]]] = []
    opened: list[tuple[str, int]] = []
    cue_start = cue_end = -1
    for match in _MARK.finditer(marked):
        if match.group() in "[]" and not cues:
            continue
        text += marked[position : match.start()]
        position = match.end()
        if match.group() == "[":
            cue_start = len(text)
        elif match.group() == "]":
            cue_end = len(text)
        elif match["open"]:
            opened.append((match["open"], len(text)))
        else:
            tag, start = opened.pop()
            assert tag == match["close"], marked
            names = frozenset(Assertion(name.upper()) for name in tag.split("+"))
            spans.append((Span(start, len(text)), names))
    assert not opened, marked
    text += marked[position:]
    return Marked(text, tuple(spans), Span(cue_start, cue_end) if cue_end >= 0 else None)


@pytest.fixture(scope="session")
def parse() -> Callable[..., Marked]:
    return _parse


@pytest.fixture(scope="session")
def readers() -> dict[str, Reader]:
    return {"en": Reader("en"), "es": Reader("es")}


@pytest.fixture(scope="session")
def reader(readers: dict[str, Reader]) -> Reader:
    return readers["en"]
