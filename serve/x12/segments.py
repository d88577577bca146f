"""Segments of X12: elements joined, and the envelope around them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

ELEMENT, COMPONENT, REPETITION, END = "*", ":", "^", "~"
WIDTH = 15
"""Of a sender's and a receiver's identifier in the envelope."""
DELIMITERS = frozenset(ELEMENT + COMPONENT + REPETITION + END)
_CONTROL = "000000001"
_SET = "0001"


def segment(name: str, *elements: str) -> str:
    """Return a segment; empty elements at its end are left out."""
    return ELEMENT.join((name, *elements)).rstrip(ELEMENT)


def composite(*parts: str) -> str:
    """Return a composite element; empty components at its end are left out."""
    return COMPONENT.join(parts).rstrip(COMPONENT)


def amount(given: Decimal | int) -> str:
    """Return a sum of money, without zeros at its end."""
    return f"{Decimal(given).normalize():f}"


def day(given: date) -> str:
    """Return a date as D8."""
    return f"{given:%Y%m%d}"


def interchange(
    body: Sequence[str], *, guide: str, sender: str, receiver: str, at: datetime
) -> str:
    """Return one transaction set in its envelope, marked as a test.

    Args:
        body: The segments between ST and SE.
        guide: The implementation guide, such as ``005010X222A1``.
        sender: At most ``WIDTH`` characters.
        receiver: Likewise.
        at: When the draft is made.
    """
    whole = [segment("ST", "837", _SET, guide), *body]
    whole.append(segment("SE", str(len(whole) + 1), _SET))
    group = segment("GS", "HC", sender, receiver, day(at), f"{at:%H%M}", "1", "X", guide)
    return "".join(
        f"{each}{END}\n"
        for each in (
            _isa(sender, receiver, at),
            group,
            *whole,
            segment("GE", "1", "1"),
            segment("IEA", "1", _CONTROL),
        )
    )


def _isa(sender: str, receiver: str, at: datetime) -> str:
    """Return the header, whose elements have fixed widths."""
    blank = " " * 10
    return ELEMENT.join(
        ("ISA", "00", blank, "00", blank, "ZZ", f"{sender:{WIDTH}}", "ZZ", f"{receiver:{WIDTH}}",
         f"{at:%y%m%d}", f"{at:%H%M}", REPETITION, "00501", _CONTROL, "0", "T", COMPONENT)
    )  # fmt: skip
