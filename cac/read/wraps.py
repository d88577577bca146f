"""Which line ends are mere wrapping, in one body of a section.

The end of a line ends a sentence only where the writer meant it: before a blank line, a
bullet, a number or a header, and between the short lines of a list. A line that is as long as
its block is wide was wrapped, and runs on; so does a short one before small letters, unless
the lines are a list of such words, one item a line.
"""

from __future__ import annotations

import re
from itertools import pairwise

from cac.note import Span
from cac.read.lines import Line, Lines
from cac.read.tokens import Tokens

_MIN_WRAP_WIDTH = 45
_MAX_WRAP_WIDTH = 140
_STOP_INSIDE = re.compile(r"[a-z)]\. +[A-Z]")
_DOSE = re.compile(r"\d\s?(?:mg|mcg|g|ml|units?|iu|meq|puffs?|tabs?|%)(?![a-z])", re.IGNORECASE)
_ENDING = ".?!;:"
_MAX_ITEM_WORDS = 3


class Wraps:
    """Judges the line ends of one body."""

    def __init__(
        self,
        text: str,
        tokens: Tokens,
        lines: Lines,
        body: Span,
        *,
        never_final: frozenset[str],
        carrying_on: frozenset[str],
        answers: frozenset[str],
    ) -> None:
        self._text = text
        self._tokens = tokens
        self._lines = lines
        self._start = body.start
        self._last = lines.at(body.end - 1)
        self._never_final = never_final
        self._carrying_on = carrying_on
        self._answers = answers
        # The last line of the paragraph judged last, and what was found.
        self._judged = (-1, False)

    def run_on(self, index: int, before: int, line: int) -> bool:
        """Tell whether the line end before token ``index`` is mere wrapping."""
        text, lines = self._text, self._lines
        above, below = lines.lines[before], lines.lines[line]
        if line > before + 1 or _opens(below):
            return False
        last_word = self._tokens.words[index - 1]
        if self._is_answer(index - 1, above):
            return False
        if last_word in self._carrying_on or last_word in (",", "/", "-", "+", "&"):
            return True
        if last_word == ":":
            return False
        if text[above.end - 1] in ".?!;":
            return last_word == "." and self._tokens.words[index - 2] in self._never_final
        width = above.end - above.start
        wrap = max(lines.widths[line], lines.widths[before])
        if text[below.start].islower():
            return width >= _MIN_WRAP_WIDTH or wrap > 60 or self._is_prose(before)
        next_word = self._tokens.ends[index] - self._tokens.starts[index]
        fits = _MIN_WRAP_WIDTH <= wrap <= _MAX_WRAP_WIDTH and width >= _MIN_WRAP_WIDTH
        return fits and width + 1 + next_word >= wrap - 6

    def _is_answer(self, index: int, line: Line) -> bool:
        """Tell whether a short line ends with the "no" of a form: "Fever: no", "Fever   no"."""
        tokens = self._tokens
        if tokens.words[index] not in self._answers or line.end - line.start >= _MIN_WRAP_WIDTH:
            return False
        gap = self._text[tokens.ends[index - 1] : tokens.starts[index]] if index else ""
        return "\t" in gap or len(gap) > 1 or self._text[tokens.ends[index - 1] - 1] in ":?|"

    def _is_prose(self, before: int) -> bool:
        """Tell whether the short lines about ``before`` are one text and no list."""
        if before >= self._judged[0]:
            first, last = before, before + 1
            head = self._lines.at(self._start)
            while first > head and self._is_small(first) and not self._is_closed(first - 1):
                first -= 1
            while last < self._last and self._is_small(last + 1):
                last += 1
            pieces = [self._piece(line) for line in range(first, last + 1)]
            cut = any(p.lower().rpartition(" ")[2] in self._carrying_on for p in pieces[:-1])
            self._judged = (last, cut or _reads_on(pieces))
        return self._judged[1]

    def _is_small(self, line: int) -> bool:
        found = self._lines.lines[line]
        return not _opens(found) and self._text[found.start].islower()

    def _is_closed(self, line: int) -> bool:
        return self._text[self._lines.lines[line].end - 1] in _ENDING

    def _piece(self, line: int) -> str:
        found = self._lines.lines[line]
        return self._text[max(found.content, self._start) : found.end].strip()


def _opens(line: Line) -> bool:
    return line.after_blank or line.is_item or line.flattened


def _reads_on(pieces: list[str]) -> bool:
    """Tell a wrapped text from a list: "aspirin 81 mg" over "metformin 500 mg" is a list.

    A stop inside or at the end is prose, and so is what begins with a capital and goes on in
    small letters, but for three or more items that are short, or that leave room for more.
    """
    if sum(bool(_DOSE.search(piece)) for piece in pieces) * 2 > len(pieces):
        return False
    if pieces[-1].endswith(".") or any(_STOP_INSIDE.search(piece) for piece in pieces):
        return True
    if not pieces[0] or pieces[0][0].islower():
        return False
    width = max(map(len, pieces))
    full = all(len(a) + 1 + len(b.split()[0]) > width for a, b in pairwise(pieces))
    return len(pieces) < 3 or (full and any(len(p.split()) > _MAX_ITEM_WORDS for p in pieces))
