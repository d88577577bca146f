"""Less specific codes give way to more specific ones that the same note supports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from cac.codes import Icd10cm
from cac.rank.case import Case, spans_of
from cac.rank.ranges import N_CACHED, CodeRanges, rows_with
from cac.rank.rule_data import load_rules

_CATEGORY_LENGTH = 3
_PRECISE = 99  # longer than any stem
_VAGUE = re.compile(r"\bunspecified\b|without complications?\b|\bNOS\b|\buncomplicated\b", re.I)


def drop_less_specific(cases: Sequence[Case], codes: Icd10cm, *, same_words: bool) -> None:
    """Mark the vague codes to which a live, more specific case belongs.

    ``same_words``: only where every span of the vague code overlaps one of the specific code.
    """
    live = [case for case in cases if not case.dropped]
    for vague in live:
        for specific in live:
            if specific is vague or specific.dropped or vague.dropped:
                continue
            if supersedes(specific.value, vague.value, codes) and (
                not same_words or _same_words(vague, specific)
            ):
                vague.dropped = f"less specific than {specific.value}"
                specific.weaker.extend(vague.supports)


def supersedes(specific: str, vague: str, codes: Icd10cm) -> bool:
    """Tell whether one code says all that the other says, and more."""
    if not _rows_with(vague, "vague").isdisjoint(_rows_with(specific, "specific")):
        return True
    stem = _vague_stem(vague, codes)
    if not stem or not specific.startswith(stem):
        return False
    return _precision(specific, codes) > _precision(vague, codes)


def _precision(value: str, codes: Icd10cm) -> tuple[int, int]:
    """Return how far down the vague part of a code starts, and how little it leaves open."""
    stem = _vague_stem(value, codes)
    return len(stem) or _PRECISE, -len(_VAGUE.findall(codes.title(value)))


@lru_cache(maxsize=N_CACHED)
def _vague_stem(value: str, codes: Icd10cm) -> str:
    """Return the code under which everything is at least as specific; empty where none is."""
    stem = ""
    for code in _lineage(value, codes):
        if not _VAGUE.search(codes.title(code)):
            return stem and code
        stem = code
    return ""


def _lineage(value: str, codes: Icd10cm) -> Iterator[str]:
    code: str | None = value
    while code is not None and len(code) > _CATEGORY_LENGTH:
        yield code
        code = codes.parent(code)
    yield value[:_CATEGORY_LENGTH]


def _same_words(vague: Case, specific: Case) -> bool:
    spans = spans_of(specific)
    return all(any(span.overlaps(other) for other in spans) for span in spans_of(vague))


@lru_cache(maxsize=N_CACHED)
def _rows_with(value: str, side: str) -> frozenset[int]:
    return rows_with(value, _sides(side))


@cache
def _sides(side: str) -> tuple[CodeRanges, ...]:
    rows = load_rules("specificity")["across_categories"]
    return tuple(CodeRanges(row[side]) for row in rows)
