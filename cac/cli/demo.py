"""``cac demo``: suggestions for the invented notes that ship with the project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from cac.cli.loading import load_suggester, outline
from cac.note import Note, Setting
from cac.outputs.sink import OutputError
from cac.outputs.writers import open_writer

_SETTINGS = {
    "outpatient": Setting.OUTPATIENT,
    "emergency": Setting.EMERGENCY,
    "discharge": Setting.INPATIENT,
}
_TOP_K = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument(
        "--output", metavar="F", default="out/demo.html", help="page to write (out/demo.html)"
    )


def run(args: argparse.Namespace) -> int:
    """Show the suggestions in the terminal and write them as a page."""
    suggester = load_suggester(None)
    path = Path(args.output)
    _make_folder(path.parent)
    table = open_writer("table", None, options={}, outline=outline)
    page = open_writer("html", path, options={}, outline=outline, include_rejected=True)
    for note in demo_notes():
        result = suggester.suggest(note, top_k=_TOP_K)
        table.write(note, result)
        page.write(note, result)
    table.close()
    page.close()
    sys.stdout.write(f"The same notes with their evidence marked: {path}\n")
    return 0


def demo_notes() -> Iterator[Note]:
    """Yield the shipped notes; the first word of a file's name says its setting."""
    folder = files("cac.demo").joinpath("notes")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".txt"):
            name = file.name.removesuffix(".txt")
            setting = next((s for word, s in _SETTINGS.items() if name.startswith(word)), None)
            yield Note(name, file.read_text("utf-8"), setting=setting)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"Cannot make {folder}: {error.strerror}. Choose another --output."
        ) from None
