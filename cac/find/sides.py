"""Which side a mention is on."""

from __future__ import annotations

from cac.find.stream import Stream

_SIDES = {
    "left": "left", "lt": "left", "right": "right", "rt": "right",
    "bilateral": "bilateral", "bilaterally": "bilateral", "bilat": "bilateral", "both": "bilateral",
    "os": "left", "od": "right", "ou": "bilateral",
}  # fmt: skip
_LETTERS = {"L": "left", "R": "right"}
_REACH = 3.2


def side_of(surface: str) -> str:
    """Return left, right or bilateral for a word that says so, else an empty string."""
    return _LETTERS.get(surface) or _SIDES.get(surface.lower(), "")


def sides_near(stream: Stream, low: int, high: int) -> frozenset[str]:
    """Return the sides said nearest to positions low..high (both make "bilateral")."""
    inside = {side_of(stream.surfaces[p]) for p in range(low, high + 1)} - {""}
    found = inside or _outside(stream, low, high)
    if "bilateral" in found or len(found) == 2:
        return frozenset(["bilateral"])
    return frozenset(found | {"unilateral"}) if found else frozenset()


def _outside(stream: Stream, low: int, high: int) -> set[str]:
    best, sides = _REACH, set[str]()
    for position, surface in enumerate(stream.surfaces):
        side = side_of(surface)
        if not side:
            continue
        distance = (
            stream.costs[low] - stream.costs[position] - 1
            if position < low
            else stream.costs[position] - stream.costs[high] - 1 + 0.3
        )
        if distance < best - 0.01:
            best, sides = distance, {side}
        elif abs(distance - best) <= 1.01 and distance <= 1.5:
            sides.add(side)
    return sides
