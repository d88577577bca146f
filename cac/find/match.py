"""Match the bags of the lexicon against one sentence, whatever the order of the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import NamedTuple

from cac.find.lexicon import Entry, Lexicon, Term
from cac.find.phrases import SIDES
from cac.find.stream import Stream
from cac.find.wordlists import site_words

_MAX_GAP = {1: 0.0, 2: 2.3, 3: 3.3, 4: 4.3, 5: 5.3}
_MAX_GAP_LONG = 6.5
Beside = Callable[[str, str], bool]
_LINKS = frozenset(
    ["with", "without", "due", "from", "secondary", "after", "for", "by", "causing", "to"]
)
_LONGEST_LIST = 10
_BECAUSE = "~because"
_JOINS = frozenset(["and", "or", "nor", "and/or", "y"])


_NONE: frozenset[int] = frozenset()


class Match(NamedTuple):
    """An entry found at word positions ``low`` to ``high``.

    ``gap`` is the width of the foreign words between; ``absent`` are the positions that the
    term itself wants negated ("without aura").
    """

    entry: Entry
    positions: frozenset[int]
    gap: float
    low: int
    high: int
    absent: frozenset[int] = _NONE

    def terms(self) -> list[Term]:
        """The terms of the entry, best first."""
        return self.entry.terms


def match_sentence(
    stream: Stream,
    lexicon: Lexicon,
    holds: Callable[[Match], bool] = lambda _: True,
    are_beside: Beside = lambda _whole, _part: False,
) -> list[Match]:
    """Return the matches of one sentence that hold, those inside a better one left out.

    ``are_beside`` tells whether the code of a part stands beside the code of its whole.
    """
    found: dict[tuple[frozenset[int], int], Match] = {}
    for entry in lexicon.entries_within(stream.where):
        for match in _placements(stream, entry):
            found.setdefault((match.positions, id(entry)), match)
    return _without_weaker(stream, [m for m in found.values() if holds(m)], are_beside)


def _placements(stream: Stream, entry: Entry) -> Iterable[Match]:
    if len(entry.words) > 1:
        return _spread(stream, entry)
    places = stream.where[entry.words[0]]
    if all(first == last for first, last in places):
        return [Match(entry, frozenset((p,)), 0.0, p, p, _absent(entry, p)) for p, _ in places]
    return _spread(stream, entry)


def _spread(stream: Stream, entry: Entry) -> Iterator[Match]:
    where = stream.where
    words = sorted(entry.words, key=lambda word: len(where[word]))
    limit = _MAX_GAP.get(len(words), _MAX_GAP_LONG)
    for first, last in where[words[0]]:
        low, high, places = first, last, [(first, last)]
        for word in words[1:]:
            a, b = _nearest(where[word], low, high)
            low, high = a if a < low else low, b if b > high else high
            places.append((a, b))
        used = {p for a, b in places for p in range(a, b + 1)}
        gap = width(stream, low, high, used)
        if gap > limit and not _is_listed(stream, low, high, used):
            continue
        if _mixes_abbreviations(stream, entry, used) or _is_cause_after(stream, entry, low):
            continue
        absent = _absent_of(words, places, used) if entry.denies else _NONE
        yield Match(entry, frozenset(used), min(gap, limit), low, high, absent)


def _is_cause_after(stream: Stream, entry: Entry, low: int) -> bool:
    """Tell whether "from" or "due to" follows the drug: "hydralazine from 75 mg" blames none."""
    return _BECAUSE in entry.required and all(p != low for p, _ in stream.where[_BECAUSE])


def _absent_of(words: list[str], places: list[tuple[int, int]], used: set[int]) -> frozenset[int]:
    """Return the positions of which every word is wanted absent."""
    said = (place for word, place in zip(words, places, strict=True) if not word.startswith("no:"))
    return frozenset(used.difference(p for a, b in said for p in range(a, b + 1)))


def _absent(entry: Entry, position: int) -> frozenset[int]:
    return frozenset((position,)) if entry.denies else _NONE


def _mixes_abbreviations(stream: Stream, entry: Entry, used: set[int]) -> bool:
    """Tell whether the bag takes some words of an abbreviation, and others beside it."""
    for position, words in stream.expansions.items():
        some = position in used and len(used) > 1 and words & entry.required
        if some and not words <= entry.required:
            optional = frozenset().union(*(term.optional for term in entry.terms))
            if not words <= entry.required | optional | SIDES | site_words():
                return True
    return False


def _is_listed(stream: Stream, low: int, high: int, used: set[int]) -> bool:
    """Tell whether only other members of a list stand between ("breast, liver and bone ...").

    Then each member goes with the word that closes the list.
    """
    if high - low > _LONGEST_LIST or not low + 1 < high:
        return False
    between = [p for p in range(low + 1, high) if p not in used]
    joined = any(stream.lowered[p] in _JOINS for p in between) or any(
        p in stream.joined for p in range(low + 1, high + 1)
    )
    return joined and all(p in stream.sites or stream.lowered[p] in _JOINS for p in between)


def _nearest(places: list[tuple[int, int]], low: int, high: int) -> tuple[int, int]:
    best, least = places[0], inf
    for place in places if len(places) > 1 else ():
        distance = max(low - place[1], place[0] - high, 0)
        if distance < least:
            best, least = place, distance
    return best


def width(stream: Stream, low: int, high: int, used: Iterable[int]) -> float:
    """Return the cost of the words between ``low`` and ``high`` that are not ``used``."""
    costs, inside, breaks = stream.costs, 0.0, 0.0
    for position in used:
        if position < high:
            inside += costs[position + 1] - costs[position]
            breaks += stream.breaks[position + 1]
    return costs[high] - costs[low] - inside + breaks


def _without_weaker(stream: Stream, matches: list[Match], are_beside: Beside) -> list[Match]:
    if len(matches) < 2:
        return matches
    matches.sort(key=lambda m: (-len(m.positions), -len(m.entry.required), m.gap, m.low))
    kept: list[Match] = []
    by_position: dict[int, list[Match]] = {}
    for match in matches:
        rivals = {id(k): k for p in match.positions for k in by_position.get(p, ())}.values()
        if any(_yields_to(stream, match, rival, are_beside) for rival in rivals):
            continue
        kept.append(match)
        for position in match.positions:
            by_position.setdefault(position, []).append(match)
    return [match for match in kept if not _is_broken(stream, match, by_position)]


def _own_links(entry: Entry) -> frozenset[str]:
    """Return the links that stand in the wording itself ("fall from bed")."""
    return _LINKS.intersection(entry.terms[0].text.lower().split())


def _is_coordinate(stream: Stream, match: Match, rival: Match) -> bool:
    """Tell whether a rival has the first of two that share a head ("allergic to A and B")."""
    between = set(range(match.low, match.high)) - match.positions - rival.positions
    words = {stream.lowered[p] for p in between}
    return bool(words & _JOINS) and words <= _JOINS | _LINKS


def _is_broken(stream: Stream, match: Match, by_position: dict[int, list[Match]]) -> bool:
    """Tell whether a match in pieces loses one to a rival that lies between them."""
    if match.gap == 0:
        return False
    rivals = (rival for position in match.positions for rival in by_position[position])
    return any(match.entry.kind == r.entry.kind and _lies_inside(stream, r, match) for r in rivals)


def _lies_inside(stream: Stream, rival: Match, match: Match) -> bool:
    """Tell whether a rival takes up what stands between ("knee [septic arthritis]").

    A site between is none: chronic back pain is chronic pain too.
    """
    inside = rival.gap == 0 and match.low < rival.low and rival.high == match.high
    if not inside or rival.positions - match.positions <= stream.sites:
        return False
    between = range(match.low + 1, match.high + 1)
    return not any(stream.breaks[p] or stream.lowered[p] in _JOINS | _LINKS for p in between)


def _yields_to(stream: Stream, match: Match, rival: Match, are_beside: Beside) -> bool:
    """Tell whether ``match`` is a part of ``rival``, or takes a word that is nearer to it."""
    if match.entry.kind != rival.entry.kind:
        return False
    if match.positions < rival.positions:
        return not (match.gap < 1 and are_beside(rival.terms()[0].code, match.terms()[0].code))
    if match.positions == rival.positions:
        return match.entry.required < rival.entry.required
    shared = match.positions & rival.positions
    if not shared or match.gap <= rival.gap:
        return False
    between = {stream.lowered[p] for p in range(match.low, match.high) if p not in match.positions}
    if between & _LINKS - _own_links(match.entry):
        return not _is_coordinate(stream, match, rival)
    return match.gap > rival.gap + 1.5 and not between & _JOINS
