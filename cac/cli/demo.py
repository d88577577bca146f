"""``cac demo``: suggestions for the invented notes that ship with the project."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cac.cli.loading import load_suggester, outline
from cac.demo import load_demo_notes
from cac.inputs import parse_language
from cac.outputs.sink import OutputError
from cac.outputs.writers import open_writer

_TOP_K = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("--language", metavar="L", default="en", help="en or es (en)")
    parser.add_argument(
        "--output", metavar="F", default="out/demo.html", help="page to write (out/demo.html)"
    )


def run(args: argparse.Namespace) -> int:
    """Show the suggestions in the terminal and write them as a page."""
    language = parse_language(args.language)
    suggester = load_suggester(None)
    path = Path(args.output)
    _make_folder(path.parent)
    table = open_writer("table", None, options={}, outline=outline)
    page = open_writer("html", path, options={}, outline=outline, include_rejected=True)
    for note in load_demo_notes(language):
        result = suggester.suggest(note, top_k=_TOP_K)
        table.write(note, result)
        page.write(note, result)
    table.close()
    page.close()
    sys.stdout.write(f"The same notes with their evidence marked: {path}\n")
    return 0


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"Cannot make {folder}: {error.strerror}. Choose another --output."
        ) from None
