"""Check boxes of forms: "[ ] fever [x] cough", "Seizures: [ ] Yes [x] No".

An empty box denies its item only where the form shows what a ticked one is, by another box in
the line, or where symptoms are asked for: elsewhere "[ ] repeat CT for abscess" is left to do.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence

from cac.note import Assertion, Modifier, Section, Span
from cac.read.lines import Line, Lines
from cac.read.tokens import Tokens

_BOX = re.compile(r"\[[ \t]?(?P<x>[xX✓✔*])?[ \t]?\]|\([ \t]?(?P<p>[xX])?[ \t]?\)|[☐□]|(?P<t>[☑☒■])")
# The tokens that a box may begin with: looking for them is quicker than for boxes.
_BEGINNINGS = frozenset("[(☐□☑☒■")
_ANSWER = re.compile(r"[ \t]*(?P<no>no|n)\b|[ \t]*(?:yes|y)\b", re.IGNORECASE)
_ITEM = re.compile(r"[\s,;:|]*(?P<item>[^\s,;:|].*?)[\s,;:.|]*", re.DOTALL)
_ASKED = "review_of_systems"


def find_boxes(
    text: str, tokens: Tokens, lines: Lines, sections: Sequence[Section]
) -> Iterator[Modifier]:
    """Yield what the boxes of each line deny."""
    by_line: defaultdict[int, list[re.Match[str]]] = defaultdict(list)
    for index, word in enumerate(tokens.words):
        if word in _BEGINNINGS and (match := _BOX.match(text, tokens.starts[index])):
            by_line[lines.at(match.start())].append(match)
    starts = [section.title.start for section in sections]
    for index, boxes in by_line.items():
        section = sections[max(bisect_right(starts, boxes[0].start()) - 1, 0)]
        if section.category == _ASKED or (len(boxes) > 1 and any(map(_is_ticked, boxes))):
            yield from _denied(text, lines.lines[index], boxes)


def _is_ticked(box: re.Match[str]) -> bool:
    return box.lastgroup is not None


def _denied(text: str, line: Line, boxes: list[re.Match[str]]) -> Iterator[Modifier]:
    """Yield the items with an empty box, and the questions where "no" is ticked."""
    before = Span(line.start, boxes[0].start())
    ends = [box.start() for box in boxes[1:]] + [line.end]
    trailing = not text[boxes[-1].end() : line.end].strip(" .")
    question = before
    for box, end in zip(boxes, ends, strict=True):
        after = Span(box.end(), end)
        answer = _ANSWER.match(text, after.start, after.end)
        if answer:
            if answer["no"] and _is_ticked(box):
                yield from _modifier(text, box, question)
            rest = Span(answer.end(), end)
            question = rest if text[rest.start : rest.end].strip(" \t,;.|/") else question
        elif trailing and text[before.start : before.end].strip():
            if not _is_ticked(box):
                yield from _modifier(text, box, before)
            before = after
        elif not _is_ticked(box):
            yield from _modifier(text, box, after)


def _modifier(text: str, box: re.Match[str], item: Span) -> Iterator[Modifier]:
    found = _ITEM.fullmatch(text, item.start, item.end)
    if found:
        yield Modifier(Assertion.NEGATED, Span(*box.span()), Span(*found.span("item")), "BOX:empty")
