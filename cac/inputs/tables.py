"""Rows of JSONL, CSV and Parquet, one at a time, with the place of each."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from cac.errors import InputError
from cac.inputs.decoding import bad_byte, decode, refuse_other_formats
from cac.inputs.fields import OPTIONAL, REQUIRED, missing_columns

Row = tuple[str, Mapping[str, object] | InputError]
"""The place of a row, and its fields or what is wrong with it."""

_MAX_ROW_BYTES = 16 * 1024 * 1024
_N_BATCH_ROWS = 64


def read_json_lines(stream: BinaryIO, name: str) -> Iterator[Row]:
    """Yield the object of each line that is not blank."""
    offset = 0
    for number, raw in enumerate(stream, 1):
        place = f"{name} line {number}"
        if number == 1:
            refuse_other_formats(raw)
        if raw.strip():
            try:
                yield place, _json_object(raw, offset)
            except InputError as error:
                yield place, error
        offset += len(raw)


def _json_object(raw: bytes, offset: int) -> dict[str, object]:
    if len(raw) > _MAX_ROW_BYTES:
        raise InputError(f"the line has {len(raw):,} bytes. Allowed: {_MAX_ROW_BYTES:,}.")
    text = decode(raw, offset=offset)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"no JSON ({error.msg}, column {error.colno}). Write one object a line."
        ) from None
    except RecursionError:
        raise InputError("JSON nested too deeply. Write one flat object a line.") from None
    if not isinstance(found, dict):
        raise InputError("JSON, but no object. Write one object with note_id and text a line.")
    return found


def read_csv(stream: BinaryIO, name: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows under a header line; quotes and line ends within them stay as they are.

    Raises:
        InputError: The header lacks a column, or the file is no UTF-8 text.
    """
    csv.field_size_limit(_MAX_ROW_BYTES)
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        raise InputError(f"the header line is no CSV ({error}).") from None
    lines.raise_bad_byte()
    if missing := [column for column in REQUIRED if column not in header]:
        raise InputError(missing_columns(missing, header))
    while True:
        first_line = reader.line_num + 1
        try:
            cells = next(reader)
            lines.raise_bad_byte()
            if cells:
                yield f"{name} line {first_line}", _csv_fields(header, cells)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                f"{name} line {first_line}",
                InputError(
                    f"no CSV ({error}). Quote a text that holds quotes, {delimiter!r} or line "
                    "ends, and double the quotes in it."
                ),
            )
        except InputError as error:
            yield f"{name} line {first_line}", error


def _csv_fields(header: list[str], cells: list[str]) -> dict[str, object]:
    if len(cells) != len(header):
        raise InputError(
            f"the row has {len(cells)} cells and the header {len(header)}. Quote a text that "
            "holds the separator."
        )
    return dict(zip(header, cells, strict=True))


class _Lines:
    """Lines of text, remembering the first byte since the last question that is not UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._offset = 0
        self._bad: str | None = None

    def __iter__(self) -> Iterator[str]:
        for raw in self._stream:
            skipped = 0
            if self._offset == 0:
                refuse_other_formats(raw)
                skipped = len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0
            try:
                text = raw[skipped:].decode("utf-8")
            except UnicodeDecodeError as error:
                start = skipped + error.start
                self._bad = self._bad or bad_byte(raw[start], self._offset + start)
                text = raw[skipped:].decode("utf-8", "replace")
            self._offset += len(raw)
            yield text

    def raise_bad_byte(self) -> None:
        bad, self._bad = self._bad, None
        if bad:
            raise InputError(bad)


def read_parquet(path: Path, name: str) -> Iterator[Row]:
    """Yield the rows of a Parquet file, reading a few at a time.

    Raises:
        InputError: The file is damaged, or lacks a column.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            found = file.schema_arrow.names
            if missing := [column for column in REQUIRED if column not in found]:
                raise InputError(missing_columns(missing, found))
            wanted = [column for column in REQUIRED + OPTIONAL if column in found]
            number = 0
            for batch in file.iter_batches(_N_BATCH_ROWS, columns=wanted):
                for index in range(batch.num_rows):
                    number += 1
                    yield f"{name} row {number}", _parquet_fields(batch, index)
    except (pyarrow.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise InputError(
            f"no whole Parquet file ({type(error).__name__}). Write or copy it anew."
        ) from None


def _parquet_fields(batch: object, index: int) -> Mapping[str, object] | InputError:
    try:
        row: dict[str, object] = batch.slice(index, 1).to_pylist()[0]  # type: ignore[attr-defined]
    except UnicodeDecodeError as error:
        return InputError(
            f"byte {error.start} of a string is not UTF-8. Write the file from UTF-8 text."
        )
    return row
