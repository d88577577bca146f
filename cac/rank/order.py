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
            _cap((c for c in cases if kind_of(c.value) is kind), min(above) - _STEP, "order")


def put_in_sequence(cases: Sequence[Case]) -> None:
    """Cap a code below those that its combination rule sequences before it."""
    by_value = {case.value: case for case in cases}
    for _ in range(2):  # a chain of three needs the second pass
        for case in cases:
            before = [by_value[v] for v in case.after if v in by_value]
            if before:
                _cap((case,), min(c.log_odds for c in before) - _STEP, "sequence")


def _cap(cases: Iterable[Case], limit: float, name: str) -> None:
    for case in cases:
        if case.log_odds > limit:
            case.parts[name] = case.parts.get(name, 0.0) + limit - case.log_odds
