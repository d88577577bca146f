"""The words of one sentence as each mention in it sees them: which are near, and what they say."""

from __future__ import annotations

from collections.abc import Mapping

from cac.find.context import Context
from cac.find.phrases import SIDES
from cac.find.sides import sides_near
from cac.find.stream import Stream
from cac.find.wordlists import regions_of

_WINDOW = 4.0
_SUBSEQUENT = frozenset(
    ["subsequent", "healing", "followup", "routine", "healed", "cast", "recheck", "callus", "wbat"]
)
_AFTER = frozenset(["s/p", "post", "postop", "since", "after", "out"])
_FIXED = frozenset(["orif", "crpp", "fixation", "nailing", "pinning", "casting", "im", "fx"])
_LATER = frozenset(["week", "weeks", "wk", "wks", "month", "months", "mo", "mos"])
_SEQUELA = frozenset(["sequela", "sequelae", "late", "residual"])
_COURSES = ("acute", "chronic", "subacute", "recurrence")
_HALVES = frozenset(["upper", "lower"])
_HEALING = ("nonunion", "malunion", "delayed")
_NONE: frozenset[str] = frozenset()


class Surroundings:
    """Makes the contexts of one sentence.

    ``whole`` are the words that hold for the note, ``sited`` the sides of its sites.
    """

    def __init__(
        self, stream: Stream, whole: frozenset[str], sited: Mapping[str, frozenset[str]]
    ) -> None:
        self._sited = sited
        self._stream = stream
        self._whole = whole
        self._encounter = _encounter(stream.lowered)
        self._derived = frozenset(stream.derived)
        self._absent = [word for word in stream.where if word.startswith("no:")]
        self._wider = frozenset(stream.wider)
        self._regions = regions_of(stream.where)
        if not _HALVES.isdisjoint(stream.wider):  # a "distal radius" is its lower end, no limb's
            self._regions = {site: words - _HALVES for site, words in self._regions.items()}
        self._is_sided = not SIDES.isdisjoint(stream.where)
        costs = stream.costs
        self._is_short = costs[-1] - costs[0] <= _WINDOW
        self._places = [
            (word, costs[first], costs[last])
            for word, places in stream.where.items()
            if word not in stream.wider
            for first, last in places
        ]

    def of(self, low: int, high: int) -> Context:
        """Gather the words near the positions low..high."""
        near = self._near(low, high)
        if self._stream.expansions:
            near -= self._courses_of_others(low, high)
        return Context(
            self._whole.union(near),
            sides_near(self._stream, low, high) if self._is_sided else _NONE,
            self._derived,
            self._wider.union(*(w for site, w in self._regions.items() if site in near)),
            is_open="open" in near or "compound" in near,
            encounter=self._encounter,
            healing=next((word for word in _HEALING if word in near), ""),
            sited=self._sited,
        )

    def _near(self, low: int, high: int) -> set[str]:
        """Return the words whose first or last position is near; absent words are not there."""
        if self._is_short:
            near = {word for word, _, _ in self._places}
        else:
            start, end = self._stream.costs[low], self._stream.costs[high]
            near = {
                word
                for word, begins, ends in self._places
                if start - ends <= _WINDOW and begins - end <= _WINDOW
            }
        for word in self._absent:
            if word in near:
                near.discard(word.removeprefix("no:"))
        return near

    def _courses_of_others(self, low: int, high: int) -> set[str]:
        """Return the courses that only an abbreviation beside brings.

        CKD makes nothing else chronic.
        """
        others = {p for p in self._stream.expansions if not low <= p <= high}
        where = self._stream.where
        return {word for word in _COURSES if others.issuperset(p for p, _ in where.get(word, ()))}


def _encounter(words: list[str]) -> str:
    if _SEQUELA.intersection(words):
        return "sequela"
    if _SUBSEQUENT.intersection(words) or ("follow" in words and "up" in words):
        return "subsequent"
    if not (_LATER.isdisjoint(words) or _AFTER.isdisjoint(words) or _FIXED.isdisjoint(words)):
        return "subsequent"
    return "initial" if "initial" in words else ""
