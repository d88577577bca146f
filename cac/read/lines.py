"""Lines of a note as the eye sees them, and which line ends are mere wrapping."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
# Some archives flattened line ends to commas: "obesity.,POSTOPERATIVE DIAGNOSIS: ,Morbid".
_FLATTENED = re.compile(r"(?<=[.:;?!]),(?=[A-Z\d])|,(?=\d{1,2}\.\s)|,(?=[A-Z][A-Za-z /&]{2,40}:)")
# "C. diff" opens no list.
_GERMS = (
    r"diff(?:icile)?|coli|pylori|aureus|epidermidis|pneumoniae|influenzae|faecalis|faecium|jejuni"
    r"|albicans|burgdorferi|trachomatis|gonorrhoeae|aeruginosa|cloacae|mirabilis|marcescens"
    r"|maltophilia|baumannii|fragilis|perfringens|pyogenes|agalactiae|viridans|freundii|oxytoca"
    r"|bovis|lugdunensis|falciparum|vivax|jirovecii|neoformans|pertussis|meningitidis"
)
_ITEM = re.compile(
    rf"[ \t]*(?![A-Z]\.\s(?:{_GERMS})\b)"
    r"(?:[•●▪◦‣·*+>–—-]+(?=[\s*]|[A-Z])|#+\s?\d{0,2}|\(?\d{1,2}[.)](?=\s|[A-Za-z])"
    r"|\(?[a-zA-Z][.)](?=\s)|\[[ xX]?\])[ \t]*"
)
_SEPARATORS = "\r\n\v\f\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without its surrounding white space.

    ``content`` is where the text starts after a bullet or number; ``after_blank`` tells that
    a blank line, or the start of the note, stands before; ``flattened`` that a comma does.
    """

    start: int
    end: int
    content: int
    after_blank: bool
    flattened: bool = False

    @property
    def is_item(self) -> bool:
        """Tell whether a bullet or a number opens the line."""
        return self.content > self.start


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one note with the width that each block of lines is wrapped at."""

    lines: list[Line]
    widths: list[int]
    starts: list[int]

    def at(self, position: int) -> int:
        """Return the index of the last line that starts at or before ``position``."""
        return bisect_right(self.starts, position) - 1


def split_lines(text: str) -> Lines:
    """Find the lines of ``text``; linear in its length."""
    lines: list[Line] = []
    blank = True
    for start, end, flattened in _pieces(text):
        piece = text[start:end]
        stripped = piece.strip()
        if not stripped:
            blank = blank or not flattened
            continue
        first = start + len(piece) - len(piece.lstrip())
        last = first + len(stripped)
        item = _ITEM.match(text, first, last)
        content = item.end() if item and item.end() < last else first
        lines.append(Line(first, last, content, blank, flattened))
        blank = False
    return Lines(lines, _block_widths(lines), [line.start for line in lines])


def _pieces(text: str) -> list[tuple[int, int, bool]]:
    pieces: list[tuple[int, int, bool]] = []
    start = 0
    for match in _NEWLINE.finditer(text):
        pieces += _flattened_pieces(text, start, match.start())
        start = match.end()
    return pieces + _flattened_pieces(text, start, len(text))


def _flattened_pieces(text: str, start: int, end: int) -> list[tuple[int, int, bool]]:
    pieces: list[tuple[int, int, bool]] = []
    flattened = False
    for match in _FLATTENED.finditer(text, start, end):
        pieces.append((start, match.start(), flattened))
        start, flattened = match.end(), True
    pieces.append((start, end, flattened))
    return pieces


def _block_widths(lines: list[Line]) -> list[int]:
    widths: list[int] = []
    first = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or lines[index].after_blank:
            block = lines[first:index]
            widths += [max(line.end - line.start for line in block)] * len(block)
            first = index
    return widths


def has_newline(gap: str) -> bool:
    """Tell whether the white space between two tokens holds a line end."""
    return any(character in _SEPARATORS for character in gap)
