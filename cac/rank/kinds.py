"""The kind of a code, by its place in the classification: it sets the tier in the order."""

from __future__ import annotations

from enum import IntEnum
from functools import cache, lru_cache

from cac.rank.ranges import N_CACHED, CodeRanges
from cac.rank.rule_data import load_rules


class Kind(IntEnum):
    """From what is coded first to what never is."""

    DIAGNOSIS = 0
    SIGN = 1
    STATUS = 2
    EXTERNAL = 3


@lru_cache(maxsize=N_CACHED)
def kind_of(value: str) -> Kind:
    """Return the kind of a code."""
    for kind in (Kind.EXTERNAL, Kind.STATUS, Kind.SIGN):
        if value in code_range(kind.name.lower()):
            return kind
    return Kind.DIAGNOSIS


@lru_cache(maxsize=N_CACHED)
def is_encounter_reason(value: str) -> bool:
    """Tell whether a code says why the patient came (check-up, screening, aftercare)."""
    return value in code_range("encounter_reason")


@lru_cache(maxsize=N_CACHED)
def is_allergic_reaction(value: str) -> bool:
    """Tell whether a code is what an allergen does (hives, rash, swelling)."""
    return value in code_range("allergic_reaction")


@cache
def code_range(name: str) -> CodeRanges:
    """Return the codes of a row of ``rules/kinds.json``."""
    return CodeRanges(load_rules("kinds")[name])
