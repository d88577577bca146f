"""The actions of ``cac codes`` that deal in files: fetch, import, sources, compile."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from cac.codes.cache import write_atomically
from cac.codes.compile import compile_all
from cac.codes.cpt import CptLayout, layout_from
from cac.codes.fetch import Offer, fetch, offer
from cac.codes.importing import import_file
from cac.codes.library import KINDS, files_of, imported_folder, kind_of
from cac.codes.load import tabular_file
from cac.codes.packed import Packed, Source, sha256_of, shipped, unpack
from cac.errors import SettingsError

_MEGABYTE = 1 << 20


def run(args: argparse.Namespace) -> int:
    """Do one action."""
    {"fetch": _fetch, "import": _import, "sources": _sources, "compile": _compile}[args.action](
        args
    )
    return 0


def _fetch(args: argparse.Namespace) -> None:
    wanted = (
        Offer(args.system, args.release, args.url, args.sha256)
        if args.url
        else offer(args.system, args.release)
    )
    path = fetch(wanted, progress=_progress if sys.stderr.isatty() else None)
    sys.stdout.write(f"{path}: fetched{'' if wanted.sha256 else ', without a checksum'}.\n")
    done = import_file(path, system=args.system, release=args.release)
    sys.stdout.write(f"{done.message}\n")


def _progress(n_come: int, n_all: int | None) -> None:
    total = f" of {n_all / _MEGABYTE:.1f}" if n_all else ""
    sys.stderr.write(f"\r{n_come / _MEGABYTE:.1f}{total} MB")
    if n_come == n_all:
        sys.stderr.write("\n")


def _import(args: argparse.Namespace) -> None:
    layout = _layout(args.layout) if args.layout else None
    done = import_file(args.file, system=args.system, release=args.release, layout=layout)
    sys.stdout.write(f"{done.kind} {done.release}: {done.message}\n")


def _layout(path: Path) -> CptLayout:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"Cannot read the layout {path} as JSON: {error}.") from error
    if not isinstance(held, dict):
        raise SettingsError(f"The layout {path} must be one JSON object.")
    return layout_from(held)


def _sources(args: argparse.Namespace) -> None:
    del args
    for name in ("icd10cm_index", "icd10cm_changes", "publisher_files"):
        _packed(shipped(name), "ships with cac")
    for path in sorted(imported_folder().glob("*.gz")):
        if kind_of(path) == "":
            _packed(unpack(path.read_bytes(), str(path)), "yours")
    tabular = tabular_file()
    _line("icd10cm tabular", tabular.name, sha256_of(tabular))
    for kind in KINDS:
        for release, path in files_of(kind).items():
            _line(kind, f"{release} {path}".strip(), sha256_of(path))


def _packed(packed: Packed, whose: str) -> None:
    _line(f"{packed.name} ({whose})", packed.release, "")
    for source in packed.sources:
        _source(source)


def _source(source: Source) -> None:
    _line(f"  {source.name}", f"{source.release}, {source.publisher}", source.sha256)


def _line(name: str, what: str, sha256: str) -> None:
    sys.stdout.write("\t".join(part for part in (name, what, sha256) if part) + "\n")


def _compile(args: argparse.Namespace) -> None:
    named = os.environ.get("CAC_CODE_SETS")
    if not named or not Path(named).is_dir():
        raise SettingsError(
            f"CAC_CODE_SETS is {named or 'not set'!r}; it must name the folder with the"
            " publisher's files."
        )
    for name, data in compile_all(Path(named)).items():
        write_atomically(args.output / name, data)
        sys.stdout.write(f"{args.output / name}\t{len(data)} bytes\n")
