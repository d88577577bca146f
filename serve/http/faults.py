"""What pydantic found in a request, told without the request's own words.

Its messages repeat what was sent, and so do the names of unknown fields and the texts of parsers:
only the place, the kind of fault and the limit are taken over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_NAME = re.compile(r"[a-z][a-z_]{0,39}")
_LIMITS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "expected": "one of {}",
    "pattern": "of the form {}",
}
"""Members of pydantic's ``ctx`` that come from our own models, and how to say them."""
_DATE = "a date, as 2026-11-02"
_SAID = {
    "model_attributes_type": "an object",
    "missing": "a value: it is needed",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
}
"""What some kinds allow, where pydantic's names for them do not say it."""
_MAX_FAULTS = 20
_UNKNOWN = "extra_forbidden"


def faults_of(found: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return place, kind and limit of each fault, twenty at most."""
    return [_fault(fault) for fault in found[:_MAX_FAULTS]]


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    where, *path = fault["loc"]
    kind = str(fault["type"])
    if kind == _UNKNOWN:
        path = path[:-1]  # the last part is the sender's own word
    pointer = "".join(f"/{_shown(part)}" for part in path)
    return {"in": str(where), "pointer": pointer, "kind": kind, "allowed": _allowed(kind, fault)}


def _shown(part: object) -> str:
    if isinstance(part, int):
        return str(part)
    return part if isinstance(part, str) and _NAME.fullmatch(part) else "?"


def _allowed(kind: str, fault: Mapping[str, Any]) -> str:
    if kind == _UNKNOWN:
        return "only the fields that the API describes"
    context = fault.get("ctx") or {}
    limits = [said.format(context[name]) for name, said in _LIMITS.items() if name in context]
    return ", ".join(limits) or _SAID.get(kind) or kind.replace("_", " ")
