"""``cac codes``: look up, search, compare, map, fetch and import code sets."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

ACTIONS = {
    "show": "all that a release says of a code",
    "search": "codes by words, best first",
    "children": "the codes one level down, or all billable ones below",
    "validate": "whether a code is valid on a date of service, and what to use instead",
    "diff": "what changed between two releases, and which of your codes it touches",
    "map": "a code in another system (GEM, with its flags), or its CCSR category",
    "fetch": "download a release from the publisher, checked",
    "import": "take in a file that you downloaded or hold a licence for",
    "sources": "what is at hand, from which file, with its checksum",
    "compile": "make the package data from the publisher's files",
}
_SYSTEM = "icd10cm (the default), icd10pcs, hcpcs, cpt, icd9cm or icd9pcs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    made = {name: actions.add_parser(name, help=text) for name, text in ACTIONS.items()}
    _add_lookup(made)
    _add_files(made)


def _add_lookup(made: dict[str, argparse.ArgumentParser]) -> None:
    for name in ("show", "children", "validate"):
        made[name].add_argument("code", metavar="CODE", nargs="+" if name == "validate" else None)
    made["search"].add_argument("words", metavar="WORD", nargs="+")
    made["search"].add_argument("--limit", type=int, default=20, metavar="N")
    made["children"].add_argument("--billable", action="store_true", help="all billable below")
    made["show"].add_argument("--inherited", action="store_true", help="notes of ancestors too")
    for name in ("show", "search", "children", "validate"):
        made[name].add_argument("--system", default="icd10cm", help=_SYSTEM)
        made[name].add_argument("--service-date", type=_day, metavar="YYYY-MM-DD")
    for name in ("show", "search", "children"):
        made[name].add_argument("--release", metavar="NAME", help="such as 2027 or 2026Q3")
    made["map"].add_argument("code", metavar="CODE")
    made["map"].add_argument("--from", dest="source", default="icd10cm", metavar="SYSTEM")
    made["map"].add_argument("--to", default="icd9cm", metavar="SYSTEM", help="or ccsr")
    for name in ("old", "new"):
        made["diff"].add_argument(name, metavar=name.upper())
    made["diff"].add_argument("--mine", type=Path, metavar="FILE", help="a file with your codes")


def _add_files(made: dict[str, argparse.ArgumentParser]) -> None:
    made["fetch"].add_argument("system", choices=("icd10cm", "hcpcs", "icd10pcs"))
    made["fetch"].add_argument("release", metavar="RELEASE", help="such as 2027 or 2026Q3")
    made["fetch"].add_argument("--url", default="", help="of an archive that is not known yet")
    made["fetch"].add_argument("--sha256", default="", help="what the archive must have")
    made["import"].add_argument("file", type=Path, metavar="FILE")
    made["import"].add_argument("--system", default="", help="icd10cm, icd10cm-tabular, cpt, ...")
    made["import"].add_argument("--release", default="", metavar="NAME")
    made["import"].add_argument("--layout", type=Path, metavar="JSON", help="of a CPT file")
    made["compile"].add_argument("--output", type=Path, required=True, metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Do one action; 1 where ``validate`` finds a code that may not stand on a claim."""
    if args.action in ("fetch", "import", "sources", "compile"):
        from cac.cli import codes_files

        return codes_files.run(args)
    from cac.cli import codes_lookup

    return codes_lookup.run(args)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-02") from None
