"""The actions of ``cac codes`` that answer from a code set."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date

from cac.cli import codes_other
from cac.codes import Icd10cm, load_icd10cm, load_releases, normalise
from cac.codes.crosswalk import Mapped, ccsr_category, load_gem
from cac.codes.difference import Touched, changes_between, read_codes, touched
from cac.codes.icd10cm import NOTE_KINDS
from cac.codes.releases import Change
from cac.codes.search import CodeSearch
from cac.codes.validity import check_validity
from cac.coding import CodeSystem
from cac.errors import SettingsError

_NAMES = {
    "includes": "Includes",
    "excludes1": "Excludes1",
    "excludes2": "Excludes2",
    "code_first": "Code first",
    "use_additional": "Use additional code",
    "code_also": "Code also",
}


def run(args: argparse.Namespace) -> int:
    """Do one action."""
    if args.action == "diff":
        return _write(_diff(args))
    if args.action == "map":
        return _write(_map(args))
    system = CodeSystem.parse(args.system)
    if system is not CodeSystem.ICD10CM:
        lines, valid = codes_other.answer(args, system)
        _write(lines)
        return 0 if valid else 1
    if args.action == "validate":
        return _validate(args)
    icd10cm = load_icd10cm(args.release, args.service_date)
    answer = {"show": _show, "search": _search, "children": _children}[args.action]
    return _write(answer(icd10cm, args))


def _write(lines: Iterable[str]) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _show(icd10cm: Icd10cm, args: argparse.Namespace) -> list[str]:
    entry = icd10cm.entry(args.code)
    kind = "billable" if entry.billable else f"not billable, {len(entry.children)} below"
    lines = [f"{entry.value}  {entry.title}", f"ICD-10-CM {icd10cm.release}, {kind}"]
    if entry.effective or entry.end:
        lines.append(f"valid {_since(entry.effective)}{_until(entry.end)}".rstrip())
    lines += [f"in {value}  {icd10cm.title(value)}" for value in icd10cm.ancestors(entry.value)]
    if not entry.notes_release:
        lines.append(f"no notes: newer than the tabular list of FY{icd10cm.tabular_release}")
    lines += [f"  {term}" for term in entry.inclusion_terms]
    own = {kind: [(entry.value, n) for n in getattr(entry, kind)] for kind in NOTE_KINDS}
    notes = icd10cm.notes(entry.value) if args.inherited else own
    for kind, found in notes.items():
        for origin, note in found:
            at = "" if origin == entry.value else f" (at {origin})"
            lines.append(f"{_NAMES[kind]}{at}: {note.text}")
    if len(entry.value) < 8:
        lines += [f"7th {char}: {text}" for char, text in entry.seventh_characters.items()]
    return lines + [f"  {value}  {icd10cm.title(value)}" for value in entry.children]


def _since(day: date | None) -> str:
    return f"since {day} " if day else ""


def _until(day: date | None) -> str:
    return f"until {day}" if day else ""


def _search(icd10cm: Icd10cm, args: argparse.Namespace) -> list[str]:
    hits = CodeSearch.load(icd10cm).search(" ".join(args.words), args.limit)
    if not hits:
        return [f"ICD-10-CM {icd10cm.release}: nothing found. Try fewer or other words."]
    lines = [f"ICD-10-CM {icd10cm.release}"]
    for hit in hits:
        mark = " " if hit.billable else "-"
        lines.append(f"{hit.score:.2f}  {hit.value:<8}{mark} {hit.title}")
    return lines


def _children(icd10cm: Icd10cm, args: argparse.Namespace) -> list[str]:
    below = icd10cm.billable_under if args.billable else icd10cm.children
    return [f"{value}  {icd10cm.title(value)}" for value in below(args.code)]


def _validate(args: argparse.Namespace) -> int:
    releases = load_releases()
    day = args.service_date or min(date.today(), releases.end(releases.newest))
    answers = [check_validity(code, day) for code in args.code]
    _write(f"FY{answer.release}  {answer.message}" for answer in answers)
    return 0 if all(answer.is_billable for answer in answers) else 1


def _diff(args: argparse.Namespace) -> list[str]:
    changes = changes_between(args.old, args.new)
    counts = Counter(change.kind for change in changes)
    kinds = ("added", "deleted", "revised")
    head = ", ".join(f"{counts[kind]} {kind}" for kind in kinds)
    lines = [f"ICD-10-CM {args.old} to {args.new}: {head}"]
    if args.mine:
        mine = read_codes(args.mine)
        found = touched(changes, mine, args.new)
        n_touched = len({t.mine for t in found})
        return [*lines, f"{n_touched} of your {len(mine)} codes are touched", *map(_mine, found)]
    return lines + [_change(c) for kind in kinds for c in changes if c.kind == kind]


def _change(change: Change) -> str:
    if change.kind == "revised":
        return f"revised  {change.value}  {change.old_title} -> {change.new_title}"
    return f"{change.kind}  {change.value}  {change.new_title or change.old_title}"


def _mine(found: Touched) -> str:
    instead = f"; use {', '.join(found.instead)}" if found.instead else ""
    return f"{found.mine}: {_change(found.change)}{instead}"


def _map(args: argparse.Namespace) -> list[str]:
    source = CodeSystem.parse(args.source)
    if args.to.lower() == "ccsr":
        if source is not CodeSystem.ICD10CM:
            raise SettingsError(f"The CCSR groups ICD-10-CM codes, not {source}.")
        return [f"{normalise(args.code)}  {ccsr_category(args.code)} (CCSR default category)"]
    gem = load_gem(source, CodeSystem.parse(args.to))
    return _mapped(gem.map(args.code), f"GEM {gem.release}, {source} to {gem.target}")


def _mapped(mapped: Mapped, head: str) -> list[str]:
    lines = [head]
    if mapped.no_map:
        lines.append(f"{mapped.source}: no equivalent exists")
    for entry in mapped.entries:
        if entry.target and not entry.combination:
            nearness = "approximate" if entry.approximate else "equivalent"
            lines.append(f"{mapped.source} -> {entry.target}  ({nearness})")
    for number, lists in enumerate(mapped.scenarios, 1):
        parts = " + ".join(" or ".join(codes) for codes in lists)
        lines.append(f"{mapped.source} -> {parts}  (combination, scenario {number})")
    return lines
