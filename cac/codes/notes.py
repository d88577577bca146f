"""Instructional notes with the codes and ranges that they name.

>>> CodeNote("adverse effect, if applicable (T36-T50 with fifth or sixth character 5)").targets
(CodeRange(first='T36', last='T50', positions=(5, 6), chars='5', tails=(), condition=''),)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cac.codes.values import bare, dotted

_VALUE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?(?![0-9A-Za-z])"
_RANGE = re.compile(
    rf"(?<!vitamin )\b(?P<first>{_VALUE})"
    rf"(?:[-.]*(?:\s*-(?=[A-Z])|\s+-\s+|\s+(?:to|thru|through)\s+)(?P<last>{_VALUE}))?[-.]*"
)
_POSITION = {"fourth": 4, "fifth": 5, "six": 6, "sixth": 6, "seventh": 7}
_POSITION |= {f"{n}th": n for n in (4, 5, 6, 7)}
_NTH = "|".join(sorted(_POSITION, key=len, reverse=True))
_CHARS = r"\.?(?P<chars>[0-9A-Z]\b(?:(?:-| or |, )[0-9A-Z]\b)*)"
_BY_POSITION = re.compile(
    rf"\)?,?\s*with (?:(?P<nth>(?:{_NTH})(?: or (?:{_NTH}))*)[- ]characters?|final character)"
    rf" {_CHARS}(?![0-9A-Z])"
)
_TAIL = r"-?\.?[0-9A-Z]{1,4}-?"
_BY_TAIL = re.compile(
    rf"\s*,?\s*with (?:(?:final|(?:{_NTH}) to (?:{_NTH})) characters? (?P<final>{_TAIL}"
    rf"(?: or {_TAIL})*)|(?P<tails>\.[0-9A-Z]+(?:[-,. ]+\.[0-9A-Z]+)*))"
)
_BY_WORDS = re.compile(r"\s*,?\s*(?P<words>with [^();,]+)")


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes from ``first`` to ``last``, each with all below it.

    ``positions`` and ``chars`` narrow it ("with fifth or sixth character 5"), and so do
    ``tails``, one of which must follow the category ("E08-E13 with .22") or, where it has a
    leading dash, end the code ("I69 with final characters -23"). ``condition`` is a
    narrowing in words ("with ketoacidosis"), which ``covers`` does not judge.
    """

    first: str
    last: str
    positions: tuple[int, ...] = ()
    chars: str = ""
    tails: tuple[str, ...] = ()
    condition: str = ""

    def covers(self, value: str) -> bool:
        """Tell whether a code lies in the range."""
        plain, last = bare(value), bare(self.last)
        if not (bare(self.first) <= plain and plain[: len(last)] <= last):
            return False
        if self.positions and self._char(plain) not in {*self.chars}:
            return False
        return not self.tails or any(_has_tail(plain, tail) for tail in self.tails)

    def _char(self, plain: str) -> str:
        """Return the character that the note means: of several, the last but a placeholder."""
        meant = [plain[p - 1 : p] for p in self.positions]
        return next((char for char in reversed(meant) if char not in ("", "X")), "")

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}-{self.last}"


def _has_tail(plain: str, tail: str) -> bool:
    return plain.endswith(tail[1:]) if tail.startswith("-") else plain[3:].startswith(tail)


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
    """Return the codes and ranges in a note, in order.

    A narrowing after the last of a list ("E09, E11, E13 with .00") holds for all of it.
    """
    found: list[CodeRange] = []
    following = len(text)
    for match in reversed(list(_RANGE.finditer(text))):
        here = _range(match, text)
        if found and text[match.end() : following].strip() in (",", "and", "or"):
            here = replace(found[-1], first=here.first, last=here.last)
        found.append(here)
        following = match.start()
    return tuple(reversed(found))


def _range(match: re.Match[str], text: str) -> CodeRange:
    first = dotted(bare(match["first"]))
    found = CodeRange(first, dotted(bare(match["last"] or match["first"])))
    if by := _BY_POSITION.match(text, match.end()):
        positions = tuple(_POSITION[w] for w in (by["nth"] or "fifth or sixth").split(" or "))
        return replace(found, positions=positions, chars=_chars(by["chars"]))
    if by := _BY_TAIL.match(text, match.end()):
        return replace(found, tails=_tails(by["final"], by["tails"]))
    if by := _BY_WORDS.match(text, match.end()):
        return replace(found, condition=by["words"].strip())
    return found


def _tails(final: str | None, following: str | None) -> tuple[str, ...]:
    if following is not None:
        return tuple(re.findall(r"\.([0-9A-Z]+)", following))
    parts = (final or "").split(" or ")
    return tuple(p[1:] if p.startswith(".") else "-" + p.strip("-") for p in parts)


def _chars(text: str) -> str:
    """Spell out ``"1-4 or 6"`` as the characters meant, ``"12346"``."""
    spans = (part.partition("-") for part in re.split(r" or |, ", text))
    return "".join(_span(first, last) if last else first for first, _, last in spans)


def _span(first: str, last: str) -> str:
    return "".join(chr(code) for code in range(ord(first), ord(last) + 1))
