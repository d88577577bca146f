"""Instructional notes with the codes and ranges that they name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cac.codes.values import bare, dotted

_VALUE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?"
_TARGET = re.compile(
    rf"\b(?P<first>{_VALUE})(?:\s*(?:-|to|thru|through)\s*(?P<last>{_VALUE}))?(?P<open>[-.]*)"
)
_ORDINALS = {"fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "4th": 4, "5th": 5, "6th": 6}
_ORDINAL = "|".join(_ORDINALS)
_POSITION = re.compile(
    rf"\s*,?\s*with (?P<positions>(?:{_ORDINAL}|7th)(?: or (?:{_ORDINAL}|7th))*) characters?"
    r" (?P<chars>[0-9A-Z](?:(?:,| or|, or|-) ?[0-9A-Z])*)\b"
)
_FINAL = re.compile(
    r"\s*,?\s*with (?:final characters? )?(?P<tails>-?\.[0-9A-Z]+-?(?:(?:,| and| or)+ ?-?\.[0-9A-Z]+-?)*)"
)


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes from ``first`` to ``last``, each with all below it.

    ``positions`` and ``chars`` narrow it ("T36-T50 with fifth or sixth character 5");
    ``tails`` are what must follow the category ("E08-E13 with .22").
    """

    first: str
    last: str
    positions: tuple[int, ...] = ()
    chars: str = ""
    tails: tuple[str, ...] = ()

    def covers(self, value: str) -> bool:
        """Tell whether a code lies in the range."""
        plain, first, last = bare(value), bare(self.first), bare(self.last)
        if not first <= plain or plain[: len(last)] > last:
            return False
        if self.tails and not plain[3:].startswith(self.tails):
            return False
        return not self.positions or any(
            plain[p - 1 : p] in _set(self.chars) for p in self.positions
        )

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}-{self.last}"


def _set(chars: str) -> frozenset[str]:
    return frozenset(chars)


@dataclass(frozen=True, slots=True)
class CodeNote:
    """One line of an instructional note."""

    text: str

    @property
    def targets(self) -> tuple[CodeRange, ...]:
        """The codes and ranges that the note names; empty where it names none."""
        return parse_targets(self.text)

    def covers(self, value: str) -> bool:
        """Tell whether the note names a code, by itself or in a range."""
        return any(target.covers(value) for target in self.targets)

    def __str__(self) -> str:
        return self.text


def parse_targets(text: str) -> tuple[CodeRange, ...]:
    """Return the codes and ranges in a note, in order."""
    return tuple(_range(match, text) for match in _TARGET.finditer(text))


def _range(match: re.Match[str], text: str) -> CodeRange:
    first = dotted(bare(match["first"]))
    last = dotted(bare(match["last"] or match["first"]))
    if found := _POSITION.match(text, match.end()):
        positions = tuple(_ORDINALS.get(w, 7) for w in found["positions"].split(" or "))
        return CodeRange(first, last, positions, _chars(found["chars"]))
    if found := _FINAL.match(text, match.end()):
        tails = tuple(re.findall(r"\.([0-9A-Z]+)", found["tails"]))
        return CodeRange(first, last, tails=tails)
    return CodeRange(first, last)


def _chars(text: str) -> str:
    """Spell out ``"1-4"`` and ``"5 or 6"`` as the characters meant."""
    spelt = re.sub(r"([0-9])-([0-9])", lambda m: _span(m[1], m[2]), text)
    return "".join(re.findall(r"\b[0-9A-Z]+\b", spelt))


def _span(first: str, last: str) -> str:
    return "".join(str(digit) for digit in range(int(first), int(last) + 1))
