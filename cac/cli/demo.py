"""``cac demo``: suggestions for the invented notes that ship with the project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cac.bundle_places import DEFAULT
from cac.cli.loading import load_suggester, outline
from cac.coding import CodingResult
from cac.demo import load_demo_notes
from cac.inputs import parse_language
from cac.note import Note
from cac.outputs.sink import OutputError
from cac.outputs.writers import open_writer

_TOP_K = 12
_EVERY = "all-mentions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("--language", metavar="L", default="en", help="en or es (en)")
    parser.add_argument(
        "--output", metavar="F", default="out/demo.html", help="page to write (out/demo.html)"
    )


def run(args: argparse.Namespace) -> int:
    """Show the suggestions in the terminal and write them as a page."""
    language = parse_language(args.language)
    path = Path(args.output)
    _make_folder(path.parent)
    table = open_writer("table", None, options={}, outline=outline)
    page = open_writer("html", path, options={}, outline=outline, include_rejected=True)
    for note, result in _answers(load_demo_notes(language)):
        table.write(note, result)
        page.write(note, result)
    table.close()
    page.close()
    sys.stdout.write(f"The same notes with their evidence marked: {path}\n")
    return 0


def _answers(notes: Sequence[Note]) -> Iterator[tuple[Note, CodingResult]]:
    """Yield the notes with their codes, the first once more as corpora code: every mention.

    US billing asks the finder and the rules; the bundle that ships says how words sound where
    every mention is coded.
    """
    billing = load_suggester(None)
    yield from ((note, billing.suggest(note, top_k=_TOP_K)) for note in notes)
    every = load_suggester(DEFAULT, convention=_EVERY)
    for note in notes[:1]:
        again = replace(note, note_id=f"{note.note_id}, by convention {_EVERY}")
        yield again, every.suggest(again, top_k=_TOP_K)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"Cannot make {folder}: {error.strerror}. Choose another --output."
        ) from None
