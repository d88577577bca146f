"""``cac corpus``: list the corpora, check a data folder; `corpus_write` has what writes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from cac.cli import corpus_write

if TYPE_CHECKING:
    from cac.corpus.checks import SplitCheck


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="name the corpora, their splits, licences and uses")
    check = actions.add_parser("check", help="count what a data folder holds, verify offsets")
    check.add_argument("folder", metavar="FOLDER", nargs="?", help="none: that of CAC_DATA")
    check.add_argument("--data", metavar="FOLDER", help="the same, by name")
    check.add_argument(
        "--corpus",
        metavar="NAME",
        action="append",
        default=[],
        help="only this corpus, or coded notes by their path",
    )
    corpus_write.add_arguments(actions)


def run(args: argparse.Namespace) -> int:
    """Do the action."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "check": _check,
        "export": corpus_write.export,
        "project": corpus_write.project,
        "invent": corpus_write.invent,
    }
    return actions[args.action](args)


def _list(_args: argparse.Namespace) -> int:
    from cac.corpus import CORPORA, TERM_SOURCES

    rows = [("corpus", "splits", "languages", "use", "weights", "licence")]
    rows += [
        (
            corpus.name,
            ",".join(corpus.splits),
            ",".join(corpus.languages),
            "evaluation" if corpus.evaluation_only else "train",
            corpus.weights.value,
            corpus.licence,
        )
        for corpus in CORPORA.values()
    ]
    rows += [
        (s.name, "terms", "", "train", s.weights.value, s.licence) for s in TERM_SOURCES.values()
    ]
    sys.stdout.write(_table(rows))
    return 0


def _check(args: argparse.Namespace) -> int:
    """Print a line for each split; 1 where something is damaged, or a corpus asked for missing."""
    from cac.corpus import CORPORA, TERM_SOURCES, data_folder, find_corpus
    from cac.corpus.checks import check_folder, check_held_out

    found = [find_corpus(name) for name in args.corpus if name not in TERM_SOURCES]
    by_path = bool(args.corpus) and not {*CORPORA, *TERM_SOURCES} & {*args.corpus}
    folder = None if by_path and found else data_folder(args.folder or args.data)
    checks = list(check_folder(folder, args.corpus, corpus_write.tell))
    rows = [("corpus", "split", "language", "items", "codes", "spans", "bad spans", "state")]
    sys.stdout.write(_table(rows + [_check_row(check) for check in checks]))
    problems = dict.fromkeys(check.problem for check in checks if check.problem)
    differing = "" if args.corpus or folder is None else check_held_out(folder)
    for problem in [*problems, *([differing] if differing else [])]:
        sys.stdout.write(f"- {problem}\n")
    faulty = any(check.faulty for check in checks) or (args.corpus and problems)
    return 1 if faulty or differing.startswith("the test ids") else 0


def _check_row(check: SplitCheck) -> tuple[str, ...]:
    state = "damaged" if check.faulty else "missing" if check.missing else "ok"
    state = "leaks" if check.n_leaks else state
    tally = check.tally
    counts = (tally.n_items, tally.n_codes, tally.n_spans, tally.n_bad_spans)
    unread = check.problem and not check.n_leaks
    numbers = ("-",) * 4 if unread else tuple(str(n) for n in counts)
    return (check.corpus, check.split, check.language, *numbers, state)


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(_row(row, widths) + "\n" for row in rows)


def _row(row: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
