"""From what the user names (files, folders, ``-``) to notes, with every fault placed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from cac.errors import InputError
from cac.inputs.decoding import decode
from cac.inputs.fields import MAX_CHARACTERS, NoteDefaults, note_from_fields
from cac.inputs.tables import Row, read_csv, read_json_lines, read_parquet
from cac.note import Note

_JSON_LINES = (".jsonl", ".ndjson")
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_PARQUET = (".parquet", ".pq")
# No character takes more than four bytes in UTF-8; more is refused without being read.
_MAX_BYTES = 4 * MAX_CHARACTERS + 4


def read_notes(inputs: Sequence[str], defaults: NoteDefaults) -> Iterator[Note | InputError]:
    """Yield each note, or what is wrong in its place, in the order of the inputs.

    A text file is one note under its name without the ending; a folder gives its ``.txt``
    files, at any depth; ``.jsonl``, ``.csv``, ``.tsv`` and ``.parquet`` give one note a row;
    ``-`` is standard input, JSON lines if it starts with ``{`` and one text if not.
    """
    seen: set[str] = set()
    for source in inputs:
        for place, found in _rows_of_input(source):
            try:
                if isinstance(found, InputError):
                    raise found
                note = note_from_fields(found, defaults)
                if note.note_id in seen:
                    raise InputError(
                        f"note {note.note_id!r}: a second note of this id. The first one is "
                        "done; give each note an id of its own."
                    )
                seen.add(note.note_id)
                yield note
            except InputError as error:
                yield InputError(f"{place}: {error}")


def count_notes(inputs: Sequence[str]) -> int | None:
    """Count the notes without reading them; None where that cannot be done cheaply."""
    counts = [_count(source) for source in inputs]
    return None if None in counts else sum(count or 0 for count in counts)


def _rows_of_input(source: str) -> Iterator[Row]:
    """Yield the rows of one input; what keeps it from being read on is its last row."""
    name = _shown_name(source)
    try:
        yield from _rows(source, name)
    except InputError as error:
        yield name, error
    except OSError as error:
        yield name, InputError(f"cannot be read ({error.strerror or type(error).__name__}).")


def _rows(source: str, name: str) -> Iterator[Row]:
    if source == "-":
        yield from _standard_input(sys.stdin.buffer, name)
        return
    path = Path(source)
    _require(path)
    suffix = path.suffix.lower()
    if path.is_dir():
        for file in _text_files(path):
            note_id = file.relative_to(path).with_suffix("").as_posix()
            yield from _rows_of_text_file(file, note_id)
    elif suffix in _PARQUET:
        yield from read_parquet(path, name)
    elif suffix in _JSON_LINES or suffix in _SEPARATORS:
        with path.open("rb") as stream:
            if suffix in _JSON_LINES:
                yield from read_json_lines(stream, name)
            else:
                yield from read_csv(stream, name, _SEPARATORS[suffix])
    elif suffix == ".json":
        raise InputError("JSON is read as .jsonl: one object a line. Rename or convert it.")
    else:
        yield from _rows_of_text_file(path, path.stem)


def _shown_name(source: str) -> str:
    """Name an input in messages; the text of a note, given for its name, is not repeated."""
    if source == "-":
        return "standard input"
    if len(source) > 255 or not source.isprintable() or len(source.split()) > 4:
        return f"an input of {len(source)} characters that looks like text"
    return source


def _require(path: Path) -> None:
    try:
        found = path.exists()
    except (OSError, ValueError):
        found = False
    if not found:
        raise InputError("no such file or folder. Give a path that exists, or - to read a pipe.")


def _rows_of_text_file(path: Path, note_id: str) -> Iterator[Row]:
    try:
        with path.open("rb") as stream:
            yield str(path), {"note_id": note_id, "text": _text(stream)}
    except InputError as error:
        yield str(path), error
    except OSError as error:
        yield str(path), InputError(f"cannot be read ({error.strerror}).")


def _text(stream: BinaryIO) -> str:
    data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise InputError(
            f"more than {_MAX_BYTES:,} bytes of text. Allowed: {MAX_CHARACTERS:,} characters. "
            "Split it into the documents that it holds."
        )
    return decode(data)


def _text_files(folder: Path) -> list[Path]:
    visible = (p for p in folder.rglob("*") if not p.name.startswith("."))
    files = sorted(p for p in visible if p.is_file())
    texts = [p for p in files if p.suffix.lower() == ".txt"]
    if not texts:
        others = sorted({p.suffix.lower() or "(no ending)" for p in files})
        held = f"{len(files)} files: {', '.join(others[:8])}" if files else "it is empty"
        raise InputError(
            f"the folder holds no .txt file ({held}). Name files of other kinds one by one."
        )
    return texts


def _standard_input(stream: BinaryIO, name: str) -> Iterator[Row]:
    head = stream.peek(1) if hasattr(stream, "peek") else b""
    if head.lstrip().startswith(b"{") and not head.startswith(b"{\\rtf"):
        yield from read_json_lines(stream, name)
    else:
        yield name, {"note_id": "stdin", "text": _text(stream)}


def _count(source: str) -> int | None:
    path = Path(source)
    suffix = path.suffix.lower()
    try:
        if source == "-" or suffix in _SEPARATORS:
            return None
        if path.is_dir():
            return len(_text_files(path))
        if suffix in _JSON_LINES:
            with path.open("rb") as stream:
                return sum(1 for line in stream if line.strip())
        if suffix in _PARQUET:
            from pyarrow import parquet

            return int(parquet.read_metadata(path).num_rows)
    except (OSError, ValueError, InputError):
        return None
    return 1
