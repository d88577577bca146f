"""Codes by their beginning: what a coder types who knows the code, or half of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from cac.codes import Icd10cm
from cac.codes.icd10pcs import Icd10pcs
from cac.codes.values import bare
from cac.errors import UnknownCodeError

# Each holds a digit, as every code does: a word is never taken for one.
_CM = re.compile(r"[A-Z][0-9][0-9A-Z]?\.?[0-9A-Z]{0,4}", re.IGNORECASE)
_PCS = re.compile(r"(?=.*[0-9])[0-9A-HJ-NP-Z]{1,7}", re.IGNORECASE)
_OTHER = re.compile(r"[A-Z]?[0-9][0-9.]{0,5}[A-Z]?", re.IGNORECASE)
_PCS_LENGTH = 7

Begun = list[tuple[str, str, bool]]
"""Codes with title and whether they are complete."""


def begun_cm(codes: Icd10cm, query: str, limit: int) -> Begun:
    """Return the codes of ICD-10-CM that begin so, in tabular order."""
    values = _begun(codes, query, _CM)
    return [(v, codes.title(v), codes.is_billable(v)) for v in islice(values, limit)]


def begun_pcs(pcs: Icd10pcs, query: str, limit: int) -> Begun:
    """Return the code, or each character that may follow with what it says."""
    if not _PCS.fullmatch(query):
        return []
    prefix = bare(query)
    try:
        if pcs.is_valid(prefix):
            return [(prefix, pcs.title(prefix), True)]
        pcs.beginning(prefix)
        following = pcs.options(prefix).items()
    except UnknownCodeError:
        return []
    is_last = len(prefix) + 1 == _PCS_LENGTH
    return [(prefix + char, label, is_last) for char, label in islice(following, limit)]


def begun_titles(titles: Mapping[str, str], query: str, limit: int) -> Begun:
    """Return the codes of a flat list that begin so."""
    values = _begun(titles, query, _OTHER)
    return [(v, titles[v], True) for v in islice(values, limit)]


def _begun(values: Iterable[str], query: str, shape: re.Pattern[str]) -> Iterable[str]:
    if not shape.fullmatch(query):
        return ()
    wanted = bare(query)
    return (v for v in values if v.replace(".", "").startswith(wanted))
