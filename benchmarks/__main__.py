"""Measure everything, or the subjects named: ``python -m benchmarks [SUBJECT...] [--list]``.

A subject is a module of this folder with a function ``run()`` that returns rows. One that lacks
its data (see ``CAC_DATA`` in the README) is named as not measured, with the reason.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType

import benchmarks
from benchmarks.results import RESULTS, Row, report
from cac.errors import CorpusError


def subjects() -> dict[str, ModuleType]:
    """Return the modules that measure something, by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__))
    modules = {n: importlib.import_module(f"benchmarks.{n}") for n in names if n[0] != "_"}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print as it goes, and write the page; 1 where something was not measured."""
    known = subjects()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(known))
    parser.add_argument("--list", action="store_true", help="name the subjects and stop")
    args = parser.parse_args(argv)
    if args.list:
        print("\n".join(known))
        return 0
    if unknown := set(args.subjects) - set(known):
        parser.error(f"no subject {', '.join(sorted(unknown))}. Known: {', '.join(known)}.")
    rows, missing = measure({name: known[name] for name in args.subjects or known})
    if args.subjects:
        print("A part was measured, so benchmarks/RESULTS.md stays as it is.")
    else:
        RESULTS.write_text(report(rows, missing), "utf-8")
    return 1 if missing else 0


def measure(modules: dict[str, ModuleType]) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Run the subjects; return their rows, and why some have none."""
    rows: dict[str, list[Row]] = {}
    missing: dict[str, str] = {}
    for name, module in modules.items():
        print(f"{name} ...", file=sys.stderr)
        try:
            rows[name] = module.run()
        except CorpusError as error:
            missing[name] = str(error)
            print(f"  not measured: {error}", file=sys.stderr)
            continue
        for row in rows[name]:
            print(f"{row['what']}: {row['figure']:.3f} (target {row['target'] or 'none'})")
    return rows, missing


if __name__ == "__main__":
    raise SystemExit(main())
