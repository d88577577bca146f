"""``cac codes show|search|children|validate`` for systems other than ICD-10-CM."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import date

from cac.codes.cpt import load_cpt
from cac.codes.hcpcs import HcpcsEntry, load_hcpcs
from cac.codes.icd9 import load_icd9
from cac.codes.icd10pcs import Icd10pcs, load_icd10pcs
from cac.codes.pcs_search import PcsSearch
from cac.codes.terms import TermScan, term_text
from cac.coding import CodeSystem
from cac.errors import SettingsError


def answer(args: argparse.Namespace, system: CodeSystem) -> list[str]:
    """Return the lines that answer one action."""
    if system is CodeSystem.ICD10PCS:
        return list(_pcs(args))
    if args.action == "children":
        raise SettingsError(f"{system} has no hierarchy. children: icd10cm, icd10pcs.")
    return list(_ANSWERS[system](args, system))


def _codes(args: argparse.Namespace) -> list[str]:
    return args.code if isinstance(args.code, list) else [args.code]


def _pcs(args: argparse.Namespace) -> Iterator[str]:
    release = None if args.action == "validate" else args.release
    pcs = load_icd10pcs(release or (_fiscal_year(args.service_date) if args.service_date else None))
    yield f"ICD-10-PCS {pcs.release}"
    if args.action == "search":
        for hit in PcsSearch.load(pcs).search(" ".join(args.words), args.limit):
            yield f"{hit.score:.2f}  {hit.key:<8} {hit.term}"
    elif args.action == "children":
        yield from (f"{char}  {label}" for char, label in pcs.options(args.code).items())
    else:
        for code in _codes(args):
            yield from _pcs_code(pcs, code)


def _pcs_code(pcs: Icd10pcs, code: str) -> Iterator[str]:
    checked = pcs.check(code)
    yield checked.message
    if checked.valid:
        yield from (f"  {title}: {label}" for title, label in pcs.labels(code))
    yield from (f"  allowed: {row}" for row in checked.rows)


def _fiscal_year(day: date) -> str:
    return str(day.year + (day.month > 9))


def _hcpcs(args: argparse.Namespace, system: CodeSystem) -> Iterator[str]:
    release = None if args.action == "validate" else args.release
    hcpcs = load_hcpcs(release, None if release else args.service_date)
    yield f"{system} {hcpcs.release}"
    if args.action == "search":
        titles = {code: hcpcs.entry(code).description for code in hcpcs}
        yield from _searched(titles, args)
    else:
        yield from (_hcpcs_line(hcpcs.entry(code), args.service_date) for code in _codes(args))


def _hcpcs_line(entry: HcpcsEntry, day: date | None) -> str:
    ended = f"; ended {entry.termination}" if entry.termination else ""
    on = "" if day is None else f"; {'valid' if entry.is_valid(day) else 'not valid'} on {day}"
    return f"{entry.value}  {entry.description} (since {entry.added}{ended}{on})"


def _titled(args: argparse.Namespace, system: CodeSystem) -> Iterator[str]:
    held = load_cpt() if system is CodeSystem.CPT else load_icd9(system)
    if args.action == "search":
        yield from _searched({code: held.title(code) for code in held}, args)
    else:
        yield from (f"{code}  {held.title(code)}" for code in _codes(args))


def _searched(titles: dict[str, str], args: argparse.Namespace) -> Iterator[str]:
    text = term_text((code, "title", title) for code, title in titles.items() if title)
    for hit in TermScan(text).search(" ".join(args.words), args.limit) if text else ():
        yield f"{hit.score:.2f}  {hit.key:<8} {hit.term}"


_ANSWERS: dict[CodeSystem, Callable[[argparse.Namespace, CodeSystem], Iterator[str]]] = {
    CodeSystem.HCPCS: _hcpcs,
    CodeSystem.CPT: _titled,
    CodeSystem.ICD9CM: _titled,
    CodeSystem.ICD9PCS: _titled,
}
