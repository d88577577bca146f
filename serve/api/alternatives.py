"""What a coder may want in place of a code: broader, beside it, more specific."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from cac.codes import Icd10cm, load_icd10cm
from cac.coding import CodeSystem
from cac.errors import CodeSetError

_MOST = 40


@lru_cache(maxsize=4096)
def alternatives_of(system: str, value: str, day: date | None) -> dict[str, list[dict[str, Any]]]:
    """Return ``parents``, ``siblings`` and ``specific`` of an ICD-10-CM code; of others, none.

    ``specific`` are the billable codes below a code that is none itself.
    """
    empty: dict[str, list[dict[str, Any]]] = {"parents": [], "siblings": [], "specific": []}
    if system != CodeSystem.ICD10CM.value:
        return empty
    try:
        codes = load_icd10cm(service_date=day)
        above = [v for v in codes.ancestors(value) if codes.is_valid(v)]
        siblings = codes.children(above[0]) if above else ()
        specific = [v for v in codes.billable_under(value) if v != value]
    except CodeSetError:
        return empty  # a code of another release
    return {
        "parents": _listed(codes, above),
        "siblings": _listed(codes, (v for v in siblings if v != value)),
        "specific": _listed(codes, specific),
    }


def _listed(codes: Icd10cm, values: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"code": v, "description": codes.title(v), "billable": codes.is_billable(v)}
        for v in list(values)[:_MOST]
    ]


def title_of(system: CodeSystem, value: str, day: date | None) -> str:
    """Return the title of an ICD-10-CM code; nothing for a system that is not at hand."""
    if system is not CodeSystem.ICD10CM:
        return ""
    try:
        return load_icd10cm(service_date=day).title(value)
    except CodeSetError:
        return ""
