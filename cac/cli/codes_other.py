"""``cac codes show|search|children|validate`` for systems other than ICD-10-CM."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import date

from cac.codes.cpt import Cpt, load_cpt
from cac.codes.hcpcs import load_hcpcs
from cac.codes.icd9 import Icd9, load_icd9
from cac.codes.icd10pcs import Icd10pcs, load_icd10pcs
from cac.codes.pcs_search import PcsSearch
from cac.codes.terms import TermScan, term_text
from cac.coding import CodeSystem
from cac.errors import SettingsError

_SEPTEMBER = 9  # the fiscal year begins with the month after it


def answer(args: argparse.Namespace, system: CodeSystem) -> tuple[list[str], bool]:
    """Return the lines that answer one action; False where ``validate`` finds a wrong code."""
    if args.action == "children" and system is not CodeSystem.ICD10PCS:
        raise SettingsError(f"{system} has no hierarchy. children: icd10cm, icd10pcs.")
    if args.action == "validate":
        checked = list(_CHECKS[system](args, system))
        return [line for line, _ in checked], all(valid for _, valid in checked)
    return list(_ANSWERS[system](args, system)), True


def _pcs(args: argparse.Namespace, system: CodeSystem) -> Iterator[str]:
    pcs = _load_pcs(args.release, args.service_date)
    yield f"{system} {pcs.release}"
    if args.action == "search":
        for hit in PcsSearch.load(pcs).search(" ".join(args.words), args.limit):
            yield f"{hit.score:.2f}  {hit.key:<8} {hit.term}"
    elif args.action == "children":
        yield from (f"{char}  {label}" for char, label in pcs.options(args.code).items())
    else:
        checked = pcs.check(args.code)
        yield checked.message
        if checked.valid:
            yield from (f"  {title}: {label}" for title, label in pcs.labels(args.code))
        yield from (f"  allowed: {row}" for row in checked.rows)


def _check_pcs(args: argparse.Namespace, system: CodeSystem) -> Iterator[Checked]:
    del system
    pcs = _load_pcs(None, args.service_date)
    for code in args.code:
        checked = pcs.check(code)
        yield f"FY{pcs.release}  {checked.message}", checked.valid
        yield from ((f"  allowed: {row}", False) for row in checked.rows)


def _load_pcs(release: str | None, day: date | None) -> Icd10pcs:
    return load_icd10pcs(release or (str(day.year + (day.month > _SEPTEMBER)) if day else None))


def _hcpcs(args: argparse.Namespace, system: CodeSystem) -> Iterator[str]:
    hcpcs = load_hcpcs(args.release, None if args.release else args.service_date)
    yield f"{system} {hcpcs.release}"
    if args.action == "search":
        yield from _searched({code: hcpcs.entry(code).description for code in hcpcs}, args)
    else:
        entry = hcpcs.entry(args.code)
        ended = f"; ended {entry.termination}" if entry.termination else ""
        yield f"{entry.value}  {entry.description} (since {entry.added}{ended})"


def _check_hcpcs(args: argparse.Namespace, system: CodeSystem) -> Iterator[Checked]:
    del system
    hcpcs = load_hcpcs(service_date=args.service_date)
    day = args.service_date or date.today()
    for code in args.code:
        if code not in hcpcs:
            yield f"{hcpcs.release}  {code} is unknown.", False
            continue
        entry = hcpcs.entry(code)
        held = f"since {entry.added}, until {entry.termination or 'further notice'}"
        valid = entry.is_valid(day)
        yield f"{hcpcs.release}  {code} is {'' if valid else 'not '}valid on {day}: {held}.", valid


def _titled(args: argparse.Namespace, system: CodeSystem) -> Iterator[str]:
    held = _load_titled(system)
    if args.action == "search":
        yield from _searched({code: held.title(code) for code in held}, args)
    else:
        yield f"{args.code}  {held.title(args.code)}"


def _check_titled(args: argparse.Namespace, system: CodeSystem) -> Iterator[Checked]:
    held = _load_titled(system)
    for code in args.code:
        valid = held.is_valid(code)
        yield f"{code} is {'' if valid else 'not '}in the {system} list at hand.", valid


def _load_titled(system: CodeSystem) -> Cpt | Icd9:
    return load_cpt() if system is CodeSystem.CPT else load_icd9(system)


def _searched(titles: dict[str, str], args: argparse.Namespace) -> Iterator[str]:
    text = term_text((code, "title", title) for code, title in titles.items() if title)
    for hit in TermScan(text).search(" ".join(args.words), args.limit) if text else ():
        yield f"{hit.score:.2f}  {hit.key:<8} {hit.term}"


Checked = tuple[str, bool]
_ANSWERS: dict[CodeSystem, Callable[[argparse.Namespace, CodeSystem], Iterator[str]]] = {
    CodeSystem.ICD10PCS: _pcs,
    CodeSystem.HCPCS: _hcpcs,
    CodeSystem.CPT: _titled,
    CodeSystem.ICD9CM: _titled,
    CodeSystem.ICD9PCS: _titled,
}
_CHECKS: dict[CodeSystem, Callable[[argparse.Namespace, CodeSystem], Iterator[Checked]]] = {
    CodeSystem.ICD10PCS: _check_pcs,
    CodeSystem.HCPCS: _check_hcpcs,
    CodeSystem.CPT: _check_titled,
    CodeSystem.ICD9CM: _check_titled,
    CodeSystem.ICD9PCS: _check_titled,
}
