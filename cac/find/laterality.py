"""Which codes differ from their siblings by side alone."""

from __future__ import annotations

import re

from cac.codes import Icd10cm

_SIDE = re.compile(r"\b(right|left|bilateral|unilateral|unspecified)\b", re.IGNORECASE)
_LATERAL = re.compile(r"\b(right|left|bilateral|unilateral)\b", re.IGNORECASE)


def is_lateral(codes: Icd10cm, value: str) -> bool:
    """Tell whether a side in the title is laterality ("right ear"), not a kind ("right heart")."""
    title = codes.title(value)
    if not _LATERAL.search(title):
        return False
    parent = codes.parent(value)
    if parent is None or "-" in parent:
        return False
    return any(
        _LATERAL.search(other) and _sides(other) != _sides(title)
        for other in (codes.title(s) for s in codes.children(parent) if s != value)
        if _bare(other) == _bare(title) or "bilateral" in _sides(other) | _sides(title)
    )


def _bare(title: str) -> str:
    return _SIDE.sub("", title.lower()).replace("  ", " ")


def _sides(title: str) -> frozenset[str]:
    return frozenset(side.lower() for side in _LATERAL.findall(title))
