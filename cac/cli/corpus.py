"""``cac corpus``: list the corpora, check a data folder, export notes, project evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cac.errors import InputError, SettingsError

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
    export = actions.add_parser("export", help="write a split as JSON lines of coded notes")
    export.add_argument("corpus", metavar="CORPUS", help="a name, or the path of coded notes")
    export.add_argument("--split", required=True)
    export.add_argument("--language", help="none: the corpus's first")
    export.add_argument("--output", metavar="F", required=True)
    project = actions.add_parser(
        "project", help="carry the evidence of the Spanish training notes to the English"
    )
    project.add_argument("--corpus", default="codiesp", help="codiesp")
    project.add_argument("--output", metavar="DIR", required=True)
    for action in (export, project):
        action.add_argument(
            "--data", "--folder", dest="folder", help="the data folder; none: that of CAC_DATA"
        )


def run(args: argparse.Namespace) -> int:
    """Do the action."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "check": _check,
        "export": _export,
        "project": _project,
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
    checks = list(check_folder(folder, args.corpus))
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


def _export(args: argparse.Namespace) -> int:
    from cac.corpus import stream_corpus, write_coded_notes

    notes = stream_corpus(args.corpus, args.split, args.language, args.folder)
    n_notes = write_coded_notes(args.output, notes)
    sys.stdout.write(f"{n_notes} notes of {args.corpus} {args.split} written to {args.output}\n")
    return 0


def _project(args: argparse.Namespace) -> int:
    """Project the training evidence; other splits lend their texts alone."""
    if args.corpus != "codiesp":
        raise SettingsError(f"Nothing to project in {args.corpus!r}. Allowed: codiesp.")
    from cac.corpus import load_corpus, write_coded_notes
    from cac.corpus.projection import project_evidence, projection_statistics

    output = Path(args.output)
    if not output.is_dir():
        raise InputError(f"The folder {output} does not exist. Make it, or name another --output.")
    spanish, english = (load_corpus("codiesp", "train", x, args.folder) for x in ("es", "en"))
    texts = {
        language: [
            coded.note
            for split in ("dev", "background")
            for coded in load_corpus("codiesp", split, language, args.folder)
        ]
        for language in ("es", "en")
    }
    n_pairs = len(spanish) + len(texts["es"])
    sys.stderr.write(f"Aligning {n_pairs} pairs of texts; this takes some five minutes.\n")
    projected = project_evidence(spanish, english, texts["es"], texts["en"])
    path = output / "codiesp_en_train.jsonl"
    write_coded_notes(path, projected)
    found = projection_statistics(spanish, projected)
    sys.stdout.write(
        f"{path}: {found.n_notes} notes; {found.n_projected} of {found.n_annotations} annotations "
        f"projected, {found.n_contiguous} of them in one piece\n"
    )
    return 0


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(_row(row, widths) + "\n" for row in rows)


def _row(row: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
