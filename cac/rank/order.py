"""The order of codes: what the guidelines put first, as caps on the log-odds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cac.rank.case import Case
from cac.rank.kinds import Kind, kind_of

_STEP = 0.01  # how far below the code before it a code is put, in log-odds


def put_status_last(cases: Sequence[Case], floor: float) -> None:
    """Cap status, history and external-cause codes below every diagnosis or sign at ``floor``.

    What the capped code stands below are the codes that will be suggested; one below the cut
    holds nothing down.
    """
    for kind in (Kind.STATUS, Kind.EXTERNAL):
        above = [c.log_odds for c in cases if kind_of(c.value) < kind and c.log_odds >= floor]
        if above:
            _cap((c for c in cases if kind_of(c.value) is kind), min(above) - _STEP)


def put_in_sequence(cases: Sequence[Case], floor: float) -> None:
    """Order the codes that a combination rule sequences.

    A code that will be suggested (``floor``) is raised to those that follow it, for the rule
    makes them one problem; one that will not is left alone, and so are its followers.
    """
    by_value = {case.value: case for case in cases}
    for _ in range(2):  # a chain of three needs the second pass
        for case in cases:
            for value in case.after:
                before = by_value.get(value)
                if before is not None and before.log_odds >= floor:
                    _settle(before, case)


def _settle(before: Case, case: Case) -> None:
    excess = case.log_odds + _STEP - before.log_odds
    if excess <= 0:
        return
    if kind_of(case.value) is Kind.DIAGNOSIS and case.value not in before.after:
        before.parts["sequence"] = before.parts.get("sequence", 0.0) + excess
    else:
        case.parts["sequence"] = case.parts.get("sequence", 0.0) - excess


def _cap(cases: Iterable[Case], limit: float) -> None:
    for case in cases:
        if case.log_odds > limit:
            case.parts["order"] = case.parts.get("order", 0.0) + limit - case.log_odds
