"""Less specific codes give way to more specific ones that the same note supports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from cac.codes import Icd10cm
from cac.rank.case import Case, spans_of
from cac.rank.kinds import Kind, kind_of
from cac.rank.ranges import N_CACHED, CodeRanges, RangeTable
from cac.rank.rule_data import load_rules

_CATEGORY_LENGTH = 3
_MARGIN = 1.0  # log-odds by which a vague code may lead and still give way
_PRECISE = 99  # longer than any stem
_VAGUE = re.compile(
    r"\bunspecified\b|\bnot specified as\b|without complications?\b|\bNOS\b|\buncomplicated\b", re.I
)


def drop_less_specific(cases: Sequence[Case], codes: Icd10cm, *, same_words: bool) -> None:
    """Mark the vague codes for which a live, more specific case stands in.

    The more specific one takes half of the lead that the vague one may have: the detail is often
    told elsewhere than where the disease is assessed (guideline I.B.2). ``same_words``: only
    where every span of the vague code overlaps one of the specific code.
    """
    best_first = sorted(cases, key=lambda case: -case.log_odds)
    for vague in (case for case in cases if _may_give_way(case.value, codes)):
        for specific in best_first:
            if specific is vague or specific.dropped or vague.dropped:
                continue
            if _stands_in(specific, vague, codes) and (
                not same_words or _same_words(vague, specific)
            ):
                _give_way(vague, specific)


def _stands_in(specific: Case, vague: Case, codes: Icd10cm) -> bool:
    """Tell whether a code supersedes another, and is not a mere alternative or afterthought."""
    if not supersedes(specific.value, vague.value, codes):
        return False
    lead = vague.log_odds - specific.log_odds
    if lead <= _MARGIN:
        return True
    same_disease = specific.value[:_CATEGORY_LENGTH] == vague.value[:_CATEGORY_LENGTH]
    certain = any(support.place == 0 for support in specific.supports)
    return certain and same_disease and kind_of(vague.value) is Kind.DIAGNOSIS


def _give_way(vague: Case, specific: Case) -> None:
    lead = vague.log_odds - specific.log_odds
    if lead > 0:
        specific.parts["specificity"] = lead / 2
    vague.dropped = f"less specific than {specific.value}"
    specific.weaker.extend(vague.supports)


def _may_give_way(value: str, codes: Icd10cm) -> bool:
    return bool(_vague_stem(value, codes) or _rows_with(value, "vague"))


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
    return frozenset(_table(side).rows_with(value))


@cache
def _table(side: str) -> RangeTable:
    rows = load_rules("specificity")["across_categories"]
    return RangeTable(CodeRanges(row[side]) for row in rows)
