"""``cac corpus export``, ``project`` and ``invent``: what writes coded notes or whole folders."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cac.errors import InputError, SettingsError


def add_arguments(actions: argparse._SubParsersAction[Any]) -> None:
    """Declare the actions and their options."""
    export = actions.add_parser("export", help="write splits as JSON lines of coded notes")
    export.add_argument("corpus", metavar="CORPUS", help="a name, or the path of coded notes")
    export.add_argument(
        "--split", action="append", default=[], help="may be repeated; none: all, with --shard-size"
    )
    export.add_argument("--language", help="none: the corpus's first")
    export.add_argument(
        "--output", metavar="F", required=True, help="a file; with --shard-size, a folder"
    )
    export.add_argument(
        "--shard-size",
        type=int,
        metavar="N",
        help="write a folder of files of N notes; the same command goes on after an interruption",
    )
    project = actions.add_parser(
        "project", help="carry the evidence of the Spanish training notes to the English"
    )
    project.add_argument("--corpus", default="codiesp", help="codiesp")
    project.add_argument("--output", metavar="DIR", required=True)
    for action in (export, project):
        action.add_argument(
            "--data", "--folder", dest="folder", help="the data folder; none: that of CAC_DATA"
        )
    invent = actions.add_parser(
        "invent", help="write an invented hospital in the true schema of MIMIC, to try things on"
    )
    invent.add_argument("folder", metavar="FOLDER", help="the data folder to write")
    invent.add_argument("--admissions", type=int, default=200, help="of each database (200)")
    invent.add_argument("--seed", type=int, default=0, help="another gives other patients (0)")


def export(args: argparse.Namespace) -> int:
    """Write one split to a file, or several to a folder of files."""
    if args.shard_size is not None:
        return _export_shards(args)
    if len(args.split) != 1:
        raise SettingsError("Name one --split to write to a file; --shard-size writes several.")
    from cac.corpus import stream_corpus, write_coded_notes

    [split] = args.split
    notes = stream_corpus(args.corpus, split, args.language, args.folder, report=tell)
    n_notes = write_coded_notes(args.output, notes)
    sys.stdout.write(f"{n_notes} notes of {args.corpus} {split} written to {args.output}\n")
    return 0


def _export_shards(args: argparse.Namespace) -> int:
    from cac import __version__
    from cac.corpus import find_corpus, stream_corpus
    from cac.corpus.shards import write_card, write_shards

    if args.shard_size < 1:
        raise SettingsError(f"--shard-size {args.shard_size} found. Allowed: 1 or more.")
    corpus, output = find_corpus(args.corpus), Path(args.output)
    write_card(output, corpus.name, corpus.terms)
    for split in args.split or corpus.splits:
        key = {
            "corpus": args.corpus,
            "split": split,
            "language": args.language or corpus.languages[0],
            "shard_size": args.shard_size,
            "version": __version__,
        }
        notes = stream_corpus(args.corpus, split, args.language, args.folder, report=tell)
        n_notes = write_shards(output / split, notes, key=key, n_each=args.shard_size, report=tell)
        sys.stdout.write(f"{n_notes} notes of {args.corpus} {split} in {output / split}\n")
    return 0


def project(args: argparse.Namespace) -> int:
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


def invent(args: argparse.Namespace) -> int:
    """Write the invented hospital, and say what can be done with it."""
    from cac.corpus.mimic.fixture import invent as write

    folder = Path(args.folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty. Name a folder of its own.")
    rows = write(folder, n_admissions=args.admissions, seed=args.seed).rows
    for name, n_rows in rows.items():
        sys.stdout.write(f"{name}: {n_rows} rows\n")
    sys.stdout.write(f"cac corpus check --data {folder} --corpus mimiciv_icd10\n")
    return 0


def tell(message: str) -> None:
    """Say on stderr what is being done."""
    sys.stderr.write(f"cac: {message}\n")
