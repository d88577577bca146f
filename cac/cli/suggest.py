"""``cac suggest``: notes in, ranked codes with their evidence out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cac.cli.job import SuggestJob
from cac.cli.loading import load_suggester, outline
from cac.cli.options import add_note_options, note_defaults, parse_systems
from cac.cli.progress import progress
from cac.coding import CodeSystem
from cac.errors import SettingsError
from cac.inputs import NoteDefaults, read_notes
from cac.outputs.resume import EarlierOutput
from cac.outputs.writers import FORMATS, open_writer

_SUFFIXES = {".jsonl": "jsonl", ".html": "html", ".csv": "csv", ".txt": "table"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="+",
        help="a text file, a folder of .txt files, a .jsonl, .csv, .tsv or .parquet with note_id "
        "and text, or - for standard input",
    )
    add_note_options(parser)
    parser.add_argument(
        "--system", metavar="LIST", help="code systems, such as icd10cm,icd10pcs; none: all"
    )
    parser.add_argument("--top-k", metavar="N", type=int, default=50, help="codes a note at most")
    parser.add_argument(
        "--min-probability",
        metavar="P",
        type=float,
        help="leave out codes below, in place of the convention's own cut",
    )
    parser.add_argument("--format", choices=FORMATS, help="default: by --output, else table")
    parser.add_argument("--output", metavar="F", help="file to write; none: standard output")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the .jsonl of an interrupted run"
    )
    parser.add_argument(
        "--include-rejected",
        action="store_true",
        help="list codes found but not suggested as well, with the reason",
    )


def run(args: argparse.Namespace) -> int:
    """Suggest codes for every note; name those that could not be done."""
    job = _job(args)
    hidden = args.output is None and sys.stdout.isatty()
    try:
        with progress(args.inputs, hidden=hidden) as advance:
            for found in read_notes(args.inputs, note_defaults(args)):
                job.do(found)
                advance()
        return job.finish()
    except BaseException:
        job.abandon()
        raise


def _job(args: argparse.Namespace) -> SuggestJob:
    """Check every option before anything is loaded or written."""
    output = Path(args.output) if args.output else None
    systems = parse_systems(args.system) if args.system else None
    form = _format(args, output)
    _require_limits(args)
    _require_other_file(args.inputs, output)
    options = _recorded_options(args, note_defaults(args), systems)
    return SuggestJob(
        load=lambda: load_suggester(args.bundle, systems=systems, convention=args.convention),
        open_writer=lambda: open_writer(
            form,
            output,
            options=options,
            include_rejected=args.include_rejected,
            append=args.resume,
            outline=outline,
        ),
        earlier=_earlier_output(form, output, options) if args.resume else None,
        top_k=args.top_k,
        min_probability=args.min_probability,
    )


def _earlier_output(form: str, output: Path | None, options: dict[str, object]) -> EarlierOutput:
    if form != "jsonl" or output is None:
        raise SettingsError("--resume needs --format jsonl and --output.")
    earlier = EarlierOutput(output)
    earlier.require_options(options)
    return earlier


def _format(args: argparse.Namespace, output: Path | None) -> str:
    if args.format:
        return str(args.format)
    if output is None:
        return "table"
    if output.suffix.lower() not in _SUFFIXES:
        known = ", ".join(_SUFFIXES)
        raise SettingsError(
            f"--output {output} names no form by its ending. Known: {known}. Add --format."
        )
    return _SUFFIXES[output.suffix.lower()]


def _require_limits(args: argparse.Namespace) -> None:
    if args.top_k < 1:
        raise SettingsError(f"--top-k is {args.top_k}. Allowed: 1 or more.")
    if args.min_probability is not None and not 0 <= args.min_probability <= 1:
        raise SettingsError(f"--min-probability is {args.min_probability}. Allowed: 0 to 1.")


def _require_other_file(inputs: list[str], output: Path | None) -> None:
    if output is not None and output.exists():
        same = [i for i in inputs if Path(i).exists() and output.samefile(i)]
        if same:
            raise SettingsError(f"--output {output} is an input too. Choose another file.")


def _recorded_options(
    args: argparse.Namespace, defaults: NoteDefaults, systems: tuple[CodeSystem, ...] | None
) -> dict[str, object]:
    """Return what was asked, as it stands in each JSON line."""
    return {
        "language": defaults.language,
        "setting": defaults.setting.value if defaults.setting else None,
        "service_date": defaults.service_date.isoformat() if defaults.service_date else None,
        "system": [str(system) for system in systems] if systems else None,
        "convention": args.convention,
        "top_k": args.top_k,
        "min_probability": args.min_probability,
        "include_rejected": args.include_rejected,
    }
