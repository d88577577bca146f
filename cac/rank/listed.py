"""The order in which the note lists its diagnoses, kept over small differences in probability."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cac.rank.case import Case, Support
from cac.rank.kinds import Kind, kind_of
from cac.rank.score import probability

_FINAL = "discharge_diagnosis"
_STEP = 0.01  # log-odds by which the first-listed diagnosis leads the others


def put_as_listed(cases: Sequence[Case], band: float) -> None:
    """Give the listed codes each other's log-odds, so that they stand in the note's order.

    Codes trade places only within ``band`` of probability. The list is that of diagnoses at
    discharge, else the headings of the assessment; what was made of a listed diagnosis stands in
    its place. The first listed (the principal diagnosis where one is named) leads all the rest.
    """
    ranked = [c for c in cases if kind_of(c.value) in (Kind.DIAGNOSIS, Kind.SIGN)]
    final = any(_places(case, final=True) for case in ranked)
    places = {c.value: min(found) for c in ranked if (found := _places(c, final=final))}
    listed = [c for c in ranked if c.value in places]
    for group in _bands(listed, band):
        order = _in_order(group, places)
        for case, log_odds in zip(order, sorted(c.log_odds for c in group)[::-1], strict=True):
            _move(case, log_odds)
    if listed:
        _put_first(_in_order(listed, places)[0], ranked)


def _places(case: Case, *, final: bool) -> list[tuple[bool, int]]:
    """Return where the list names the case: what is called principal comes first."""
    return [
        (not s.context.first, s.mention.spans[0].start) for s in case.supports if _is_in(s, final)
    ]


def _is_in(support: Support, final: bool) -> bool:
    return support.context.section == _FINAL if final else support.context.heading


def _bands(cases: Sequence[Case], width: float) -> Iterator[list[Case]]:
    """Yield runs of cases whose probabilities lie within a width, likeliest first."""
    group: list[Case] = []
    for case in sorted(cases, key=lambda c: -c.log_odds):
        if group and probability(group[0].log_odds) - probability(case.log_odds) > width:
            yield group
            group = []
        group.append(case)
    if group:
        yield group


def _in_order(cases: Sequence[Case], places: dict[str, tuple[bool, int]]) -> list[Case]:
    """Sort by place, each case after those that must be sequenced before it."""
    by_value = {case.value: case for case in cases}
    ordered: dict[str, Case] = {}

    def add(case: Case, above: frozenset[str]) -> None:
        for value in sorted(case.after & by_value.keys() - above - ordered.keys(), key=places.get):  # type: ignore[arg-type]
            add(by_value[value], above | {case.value})
        ordered.setdefault(case.value, case)

    def key(case: Case) -> tuple[tuple[bool, int], bool, int, float]:
        joined = "combination" in case.parts
        return places[case.value], not joined, len(case.after), -case.log_odds

    for case in sorted(cases, key=key):
        add(case, frozenset({case.value}))
    return list(ordered.values())


def _put_first(first: Case, cases: Sequence[Case]) -> None:
    best = max(c.log_odds for c in cases)
    if first.log_odds < best and not first.after & {c.value for c in cases}:
        _move(first, best + _STEP)


def _move(case: Case, log_odds: float) -> None:
    if log_odds != case.log_odds:
        case.parts["listed_order"] = case.parts.get("listed_order", 0.0) + log_odds - case.log_odds
