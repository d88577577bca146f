"""What the code sets say, as plain values; each is loaded when it is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from cac.codes import Icd10cm, load_icd10cm
from cac.codes.cpt import load_cpt
from cac.codes.hcpcs import load_hcpcs
from cac.codes.icd9 import load_icd9
from cac.codes.icd10pcs import Icd10pcs, load_icd10pcs
from cac.codes.pcs_search import PcsSearch
from cac.codes.search import CodeSearch
from cac.codes.terms import TermScan, term_text
from cac.coding import CodeSystem
from serve.api.code_beginnings import Begun, begun_cm, begun_pcs, begun_titles

_LOADING = threading.Lock()
_FIRST_MONTH = 10  # of a fiscal year
_MOST = 200


def show(system: CodeSystem, value: str, day: date | None) -> dict[str, Any]:
    """Return all that a code set says of a code.

    Raises:
        CodeSetError: the set is not at hand, or (UnknownCodeError) does not hold the code.
    """
    if system is CodeSystem.ICD10CM:
        return _icd10cm(load_icd10cm(service_date=day), value)
    if system is CodeSystem.ICD10PCS:
        pcs = load_icd10pcs(_fiscal_year(day))
        axes = [{"axis": axis, "label": label} for axis, label in pcs.labels(value)]
        return _titled(value.upper(), pcs.title(value), pcs.release) | {"axes": axes}
    if system is CodeSystem.HCPCS:
        held = load_hcpcs(service_date=day)
        entry = held.entry(value)
        return _titled(entry.value, entry.description, held.release)
    titles = load_cpt() if system is CodeSystem.CPT else load_icd9(system)
    return _titled(value.upper(), titles.title(value), getattr(titles, "release", ""))


def search(system: CodeSystem, query: str, limit: int, day: date | None) -> list[dict[str, Any]]:
    """Return the codes that begin so, else those whose terms answer the words best.

    Raises:
        CodeSetError: the set is not at hand.
    """
    with _LOADING:  # Two that come first together would both compile the terms.
        found = _searcher(system, _release(system, day))
    return found(query.strip(), limit)


def _titled(value: str, title: str, release: str) -> dict[str, Any]:
    return {
        "code": value,
        "description": title,
        "release": release,
        "billable": True,
        "parents": [],
        "siblings": [],
        "children": [],
        "inclusion_terms": [],
        "notes": [],
        "seventh_characters": {},
    }


def _icd10cm(codes: Icd10cm, value: str) -> dict[str, Any]:
    entry = codes.entry(value)
    siblings = codes.children(entry.parent) if entry.parent else ()
    notes = [
        {"kind": kind, "at": at, "text": note.text}
        for kind, found in codes.notes(entry.value).items()
        for at, note in found
    ]
    return _titled(entry.value, entry.title, codes.release) | {
        "billable": entry.billable,
        "parents": [_short(codes, v) for v in codes.ancestors(entry.value)],
        "siblings": [_short(codes, v) for v in siblings if v != entry.value][:_MOST],
        "children": [_short(codes, v) for v in entry.children][:_MOST],
        "inclusion_terms": list(entry.inclusion_terms),
        "notes": notes,
        "seventh_characters": dict(entry.seventh_characters),
    }


def _short(codes: Icd10cm, value: str) -> dict[str, Any]:
    return {
        "code": value,
        "description": codes.title(value),
        "billable": codes.is_billable(value),
    }


_Search = Callable[[str, int], list[dict[str, Any]]]


def _release(system: CodeSystem, day: date | None) -> str:
    if system is CodeSystem.ICD10CM:
        return load_icd10cm(service_date=day).release
    if system is CodeSystem.ICD10PCS:
        return load_icd10pcs(_fiscal_year(day)).release
    return load_hcpcs(service_date=day).release if system is CodeSystem.HCPCS else ""


@lru_cache(maxsize=16)
def _searcher(system: CodeSystem, release: str) -> _Search:
    if system is CodeSystem.ICD10CM:
        return _cm_searcher(load_icd10cm(release))
    if system is CodeSystem.ICD10PCS:
        return _pcs_searcher(load_icd10pcs(release))
    titles = _titles(system, release)
    scan = TermScan(term_text((code, "title", title) for code, title in titles.items() if title))
    return lambda query, limit: (
        _begun(begun_titles(titles, query, limit))
        or [_hit(h.key, titles[h.key], h.score) for h in scan.search(query, limit)]
    )


def _cm_searcher(codes: Icd10cm) -> _Search:
    found = CodeSearch.load(codes)
    return lambda query, limit: (
        _begun(begun_cm(codes, query, limit))
        or [
            _hit(h.value, h.title, h.score) | {"billable": h.billable, "term": h.term}
            for h in found.search(query, limit)
        ]
    )


def _pcs_searcher(pcs: Icd10pcs) -> _Search:
    found = PcsSearch.load(pcs)
    return lambda query, limit: (
        _begun(begun_pcs(pcs, query, limit))
        or [
            _hit(h.key, h.term, h.score) | {"billable": pcs.is_valid(h.key)}
            for h in found.search(query, limit)
        ]
    )


def _titles(system: CodeSystem, release: str) -> dict[str, str]:
    if system is CodeSystem.HCPCS:
        hcpcs = load_hcpcs(release)
        return {code: hcpcs.entry(code).description for code in hcpcs}
    held = load_cpt() if system is CodeSystem.CPT else load_icd9(system)
    return {code: held.title(code) for code in held}


def _begun(found: Begun) -> list[dict[str, Any]]:
    return [_hit(code, title, 1.0) | {"billable": complete} for code, title, complete in found]


def _hit(code: str, title: str, score: float) -> dict[str, Any]:
    return {
        "code": code,
        "description": title,
        "billable": True,
        "score": round(score, 4),
        "term": title,
    }


def _fiscal_year(day: date | None) -> str | None:
    return str(day.year + (day.month >= _FIRST_MONTH)) if day else None
