"""Marked text: ``No <negated>effusion</negated>, <present>fever</present> persists``.

Tags are assertions in lower case, several joined by ``+``; ``[brackets]`` mark a cue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cac.note import Assertion, Span

_MARK = re.compile(r"<(?P<open>[a-z_+]+)>|</(?P<close>[a-z_+]+)>|\[|\]")


@dataclass(frozen=True)
class Marked:
    text: str
    spans: tuple[tuple[Span, frozenset[Assertion]], ...]
    cue: Span | None = None


def parse(marked: str, *, cues: bool = False) -> Marked:
    """Return the text without marks, and what each marked span must be."""
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
            spans.append((Span(start, len(text)), _assertions(tag)))
    assert not opened, marked
    text += marked[position:]
    return Marked(text, tuple(spans), Span(cue_start, cue_end) if cue_end >= 0 else None)


def _assertions(tag: str) -> frozenset[Assertion]:
    return frozenset(Assertion(name.upper()) for name in tag.split("+"))
