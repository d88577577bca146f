"""``cac learn``: terms with weights, from annotated evidence, into a bundle."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cac.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("--corpus", required=True, help="a corpus of `cac corpus list`")
    parser.add_argument("--split", default="train", help="which split to learn from (train)")
    parser.add_argument("--language", default="en", help="the language of the notes (en)")
    parser.add_argument("--output", required=True, metavar="BUNDLE", help="the folder to write")
    parser.add_argument(
        "--evidence", metavar="FILE", help="coded notes with evidence, in place of the corpus's own"
    )
    parser.add_argument(
        "--calibration",
        choices=("platt", "temperature", "isotonic"),
        default="platt",
        help="how scores become probabilities (platt)",
    )
    parser.add_argument("--quiet", action="store_true", help="do not say what is being done")


def run(args: argparse.Namespace) -> int:
    """Learn a bundle; say each stage on stderr, and what was learnt on stdout."""
    from cac.learn.corpora import learn_bundle

    evidence = Path(args.evidence) if args.evidence else None
    if evidence and not evidence.is_file():
        raise InputError(f"{evidence} does not exist. Name a file of coded notes (JSON lines).")
    manifest = learn_bundle(
        args.corpus,
        args.split,
        args.language,
        Path(args.output),
        evidence=evidence,
        report=_silent if args.quiet else _tell,
        method=args.calibration,
    )
    sys.stdout.write(f"{args.output}: learnt from {manifest.n_notes} notes of {manifest.corpus}\n")
    for system, figures in sorted(manifest.measured.items()):
        f1, n_gold = figures["micro_f1"], int(figures["n_gold"])
        sys.stdout.write(f"{system}: micro F1 {f1:.3f} by cross-validation, {n_gold} gold codes\n")
    return 0


def _tell(stage: str) -> None:
    sys.stderr.write(f"cac: {stage}\n")


def _silent(_: str) -> None:
    pass
