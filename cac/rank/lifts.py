"""Codes that a suggested disease brings above the cut: its drugs, the weeks of a pregnancy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from cac.note import Assertion
from cac.rank.case import Case
from cac.rank.convention import Convention
from cac.rank.ranges import CodeRanges
from cac.rank.rule_data import load_rules


@dataclass(frozen=True, slots=True)
class Lift:
    """What is lifted where any code of ``beside`` is suggested."""

    codes: CodeRanges
    beside: CodeRanges
    weight: str


def lift_bound(cases: Sequence[Case], cut: float, convention: Convention) -> None:
    """Raise each bound code above the cut, by its weight, beside a disease it belongs to."""
    shown = [c for c in cases if not c.dropped and c.log_odds >= cut]
    for lift in _lifts():
        margin = convention.weight(lift.weight)
        if not margin or not any(case.value in lift.beside for case in shown):
            continue
        for case in (c for c in cases if c.value in lift.codes and not c.dropped):
            lacking = cut + margin - case.log_odds
            if lacking > 0 and _is_said(case):
                case.parts["bound"] = case.parts.get("bound", 0.0) + lacking


def _is_said(case: Case) -> bool:
    """Tell whether some mention speaks for the code before all others, and of now."""
    return any(
        support.place == 0
        and support.assertion is Assertion.PRESENT
        and support.context.section not in _not_from()
        for support in case.supports
    )


@cache
def _lifts() -> tuple[Lift, ...]:
    rows = load_rules("lifts")["rows"]
    return tuple(
        Lift(CodeRanges(row["codes"]), CodeRanges(row["beside"]), row["weight"]) for row in rows
    )


@cache
def _not_from() -> frozenset[str]:
    return frozenset(load_rules("lifts")["not_from"])
