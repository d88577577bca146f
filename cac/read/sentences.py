"""Sentences of a note, as ranges of tokens."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import inf
from typing import Any

from cac.note import Section, Span
from cac.read.lines import Lines
from cac.read.tokens import Tokens
from cac.read.wraps import Wraps

_CLOSING = frozenset("\"'”’)]}*")
_ENDING = _CLOSING | frozenset(".?!")
_SKIPPED_FIRST = frozenset(",:;.*_#>|•=")
# Past this many tokens a comma ends the piece, and past twice as many any token does: it
# bounds the work for text without any boundary.
MAX_TOKENS = 150
_MAX_PARENTHESIS = 20


@dataclass(frozen=True, slots=True)
class TokenRange:
    """Tokens ``first`` to ``last``, the latter not included."""

    first: int
    last: int


class SentenceSplitter:
    """Splits the bodies of sections with the abbreviations of one language."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._never_final = frozenset(rules["never_final"])
        self._final_before_capital = frozenset(rules["final_before_capital"])
        self._carrying_on = frozenset(rules["carrying_on"])
        self._answers = frozenset(rules["answers"])

    def split(
        self, text: str, tokens: Tokens, lines: Lines, sections: tuple[Section, ...]
    ) -> list[TokenRange]:
        """Return the sentences of all bodies in order; titles belong to none."""
        ranges: list[TokenRange] = []
        index = 0
        for section in sections:
            first = bisect_left(tokens.starts, section.body.start, index)
            index = bisect_left(tokens.starts, section.body.end, first)
            ranges += self._split_body(text, tokens, lines, first, index)
        return ranges

    def _split_body(
        self, text: str, tokens: Tokens, lines: Lines, first: int, last: int
    ) -> list[TokenRange]:
        ranges: list[TokenRange] = []
        if first == last:
            return ranges
        starts, words = tokens.starts, tokens.words
        line = before = lines.at(starts[first])
        next_line = _next_start(lines, line)
        wraps = Wraps(
            text,
            tokens,
            lines,
            Span(starts[first], tokens.ends[last - 1]),
            never_final=self._never_final,
            carrying_on=self._carrying_on,
            answers=self._answers,
        )
        start = first
        for index in range(first, last):
            new_line = starts[index] >= next_line
            if new_line:
                before, line = line, lines.at(starts[index])
                next_line = _next_start(lines, line)
            if index == start:
                continue
            if new_line:
                ends = not wraps.run_on(index, before, line)
            elif index - start >= MAX_TOKENS:
                ends = words[index - 1] in ",;" or index - start >= 2 * MAX_TOKENS
            else:
                ends = (
                    words[index - 1][-1] in _ENDING and self._is_final(text, tokens, start, index)
                ) or (words[index].isdigit() and _opens_item(text, tokens, start, index, last))
            if ends:
                _append(ranges, tokens, lines, start, index)
                start = index
        _append(ranges, tokens, lines, start, last)
        return ranges

    def _is_final(self, text: str, tokens: Tokens, start: int, index: int) -> bool:
        """Tell whether a sentence ends before token ``index`` of the same line."""
        gap = tokens.starts[index] - tokens.ends[index - 1]
        mark = index - 1
        while mark > start and tokens.words[mark] in _CLOSING and gap:
            mark -= 1
        word = tokens.words[mark]
        following = text[tokens.starts[index]]
        if word[0] in "?!":
            answered = tokens.words[index] in self._answers
            return gap > 0 and mark > start and not (following.islower() or answered)
        if word[-1] != ".":
            return False
        if word.startswith("..."):
            return gap > 0 and not following.islower()
        if word == ".":
            return self._stop_is_final(text, tokens, start, mark, index, gap > 0)
        return gap > 0 and following.isupper() and word in self._final_before_capital

    def _stop_is_final(
        self, text: str, tokens: Tokens, start: int, mark: int, index: int, gap: bool
    ) -> bool:
        following = text[tokens.starts[index]]
        if mark == start:
            return False
        word = tokens.words[mark - 1]
        if not gap:
            glued = tokens.starts[mark] == tokens.ends[mark - 1] and following.isupper()
            long_enough = len(word) > 1 and len(tokens.words[index]) > 1 and word.isalpha()
            return glued and long_enough and word not in self._never_final
        if tokens.starts[mark] > tokens.ends[mark - 1]:
            return True
        if mark - 1 == start and (word.isdigit() or len(word) == 1):
            return False
        if word in self._never_final:
            return word in ("no", "nos") and not following.isdigit()
        if word in self._final_before_capital:
            return following.isupper() and mark - 1 > start
        if len(word) == 1 and word.isalpha():
            if self._is_initial(tokens, start, mark, index):
                return False
            return following.isupper() and not text[tokens.starts[mark - 2]].isupper()
        return not following.islower() or len(word) > 3

    def _is_initial(self, tokens: Tokens, start: int, mark: int, index: int) -> bool:
        """Tell "Dr. R. Wilson" from "Dr. X. The patient", where names were made unknown."""
        titled = mark - 3 >= start and tokens.words[mark - 2] == "."
        return (
            titled
            and tokens.words[mark - 3] in self._never_final
            and tokens.words[mark - 1] not in "xyz"
            and tokens.starts[index] == tokens.ends[mark] + 1
            and tokens.words[index] not in self._carrying_on
        )


def _opens_item(text: str, tokens: Tokens, start: int, index: int, last: int) -> bool:
    """Tell whether "2)" opens an item in mid-line, as in "1) Gout  2) Ascites"."""
    starts, words = tokens.starts, tokens.words
    if index + 2 >= last or words[index + 1] != ")" or len(words[index]) > 2:
        return False
    glued = tokens.ends[index] == starts[index + 1] and starts[index + 2] > tokens.ends[index + 1]
    if not glued or text[starts[index + 2]].islower() or tokens.ends[index - 1] == starts[index]:
        return False
    before = words[max(start, index - _MAX_PARENTHESIS) : index]
    return before.count("(") <= before.count(")")


def _next_start(lines: Lines, line: int) -> float:
    return lines.starts[line + 1] if line + 1 < len(lines.starts) else inf


def _append(ranges: list[TokenRange], tokens: Tokens, lines: Lines, first: int, last: int) -> None:
    content = lines.lines[lines.at(tokens.starts[first])].content
    while first < last and (
        tokens.starts[first] < content or tokens.words[first][0] in _SKIPPED_FIRST
    ):
        first += 1
    while last > first and tokens.words[last - 1] in (",", "|"):
        last -= 1
    if first < last:
        ranges.append(TokenRange(first, last))
