"""Which side a mention is on."""

from __future__ import annotations

from cac.find.phrases import SIDES
from cac.find.stream import Stream

_SIDES = {
    "left": "left", "lt": "left", "right": "right", "rt": "right",
    "bilateral": "bilateral", "bilaterally": "bilateral", "bilat": "bilateral", "both": "bilateral",
    "os": "left", "od": "right", "ou": "bilateral",
}  # fmt: skip
_LETTERS = {"L": "left", "R": "right", "AU": "bilateral"}
_REACH = 4.2
_GRADES = frozenset(["mild", "moderate", "mod", "severe", "trace", "tr", "and", "than"])
_SOUND = frozenset(["normal", "nl", "wnl", "unaffected", "uninvolved"])  # of the other side


def side_of(surface: str) -> str:
    """Return left, right or bilateral for a word that says so, else an empty string."""
    return _LETTERS.get(surface) or _SIDES.get(surface.lower(), "")


def sides_near(stream: Stream, low: int, high: int) -> frozenset[str]:
    """Return the sides said nearest to positions low..high (both make "bilateral").

    The side words are those that the expander has placed in the stream.
    """
    places = [
        (first, side)
        for side in SIDES
        for first, _ in stream.where.get(side, ())
        if _SOUND.isdisjoint(stream.lowered[max(0, first - 1) : first + 2])
    ]
    inside = {side for position, side in places if low <= position <= high}
    found = inside or _outside(stream, places, low, high)
    found |= _graded_beside(stream, places, found)
    if "bilateral" in found or len(found - {"unilateral"}) == 2:
        return frozenset(["bilateral"])
    return frozenset(found | {"unilateral"}) if found else frozenset()


def _outside(stream: Stream, places: list[tuple[int, str]], low: int, high: int) -> set[str]:
    best, sides = _REACH, set[str]()
    for position, side in places:
        before = position < low
        distance = (
            stream.costs[low] - stream.costs[position]
            if before
            else stream.costs[position] - stream.costs[high] + 0.3
        )
        distance -= 1
        if distance < best - 0.01:
            best, sides = distance, {side}
        elif abs(distance - best) <= 1.01 and distance <= 1.5:
            sides.add(side)
    return sides


def _graded_beside(stream: Stream, places: list[tuple[int, str]], found: set[str]) -> set[str]:
    """Return the side after one found where only a grade stands between ("3+ OD, 2+ OS")."""
    if len(places) < 2 or not found:
        return set()
    starts = [position for position, side in places if side in found]
    return {
        side
        for position, side in places
        for start in starts
        if start < position <= start + 3
        and all(w in _GRADES or w[:1].isdigit() for w in stream.lowered[start + 1 : position])
    }
