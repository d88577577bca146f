"""Signs and symptoms that are part of a diagnosis (guideline I.B.5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from cac.codes import Icd10cm
from cac.rank.case import Case
from cac.rank.ranges import N_CACHED, CodeRanges, RangeTable
from cac.rank.rule_data import load_rules

_MARGIN = 0.5  # log-odds by which the sign may lead and still be a sign of it


def is_integral(sign: str, diagnosis: str) -> bool:
    """Tell whether a sign is routinely associated with a diagnosis."""
    return not _pairs_with(sign, "signs").isdisjoint(_pairs_with(diagnosis, "diagnoses"))


def demote_integral(
    cases: Sequence[Case], diagnoses: Sequence[Case], codes: Icd10cm, weight: float
) -> None:
    """Add ``weight`` to each sign that belongs to one of the diagnoses, and say so.

    A sign that the note assesses as a problem of its own, above the diagnosis, stays.
    """
    for sign in (case for case in cases if _pairs_with(case.value, "signs")):
        stronger = (d for d in diagnoses if d is not sign and d.log_odds > sign.log_odds - _MARGIN)
        diagnosis = next((d for d in stronger if is_integral(sign.value, d.value)), None)
        if diagnosis is None:
            continue
        sign.parts["integral"] = weight
        sign.add_concern(
            "integral",
            f"{sign.value} is integral to {diagnosis.value} ({codes.title(diagnosis.value)}): "
            "not coded beside it (guideline I.B.5).",
        )


@lru_cache(maxsize=N_CACHED)
def _pairs_with(value: str, side: str) -> frozenset[int]:
    return frozenset(_table(side).rows_with(value))


@cache
def _table(side: str) -> RangeTable:
    return RangeTable(CodeRanges(row[side]) for row in load_rules("integral")["pairs"])
