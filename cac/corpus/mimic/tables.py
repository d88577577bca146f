"""Tables of MIMIC in batches, every value as text, so that zeros stay and memory is bounded.

What a damaged row holds is never repeated in an error: it may be a note.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow
from pyarrow import compute
from pyarrow import csv as arrow_csv

from cac.corpus.corpus import Report, silent
from cac.errors import CorpusError

_BLOCK_BYTES = 1 << 24  # A row must fit in; the longest note has some 100 KB.
_REPORT_ROWS = 200_000


def read_table(
    path: Path, columns: Sequence[str], report: Report = silent
) -> Iterator[pyarrow.RecordBatch]:
    """Yield the wanted columns in batches; a missing value is an empty string.

    Args:
        path: a CSV file with a header, ``.gz`` or plain.
        columns: in the order wanted; case is of no account.
        report: told the number of rows at intervals.

    Raises:
        CorpusError: a column is missing, or the file is damaged, half-downloaded or not UTF-8.
    """
    names = _header(path, columns)
    n_rows = told = 0
    try:
        with _open(path, names) as batches:
            for batch in batches:
                yield batch
                n_rows += batch.num_rows
                if n_rows - told >= _REPORT_ROWS:
                    told = n_rows
                    report(f"{path.name}: {n_rows:,} rows read")
    except (pyarrow.ArrowInvalid, OSError):
        raise CorpusError(
            f"{path} is damaged or cut off after row {n_rows:,}, or not UTF-8. Compare it with the "
            "SHA256SUMS.txt beside it on PhysioNet, and download it again."
        ) from None


def numbers(column: pyarrow.Array) -> pyarrow.Array:
    """Return a column of text as int64, -1 where it is empty.

    Raises:
        CorpusError: a value is no whole number.
    """
    trimmed = compute.utf8_trim_whitespace(column)
    filled = compute.if_else(compute.equal(trimmed, ""), "-1", trimmed)
    try:
        return compute.cast(filled, pyarrow.int64())
    except pyarrow.ArrowInvalid:
        raise CorpusError(
            "A column of ids or sequence numbers holds other values. Use the files of PhysioNet "
            "as downloaded, not exported anew."
        ) from None


def _open(path: Path, names: list[str]) -> arrow_csv.CSVStreamingReader:
    return arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=names,
            column_types=dict.fromkeys(names, pyarrow.string()),
            strings_can_be_null=False,
        ),
    )


def _header(path: Path, columns: Sequence[str]) -> list[str]:
    """Return the wanted columns as the file spells them."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
            line = raw.readline(10_000).decode("utf-8-sig")
        found = next(csv.reader([line]), [])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error):
        found = []
    spelled = {name.strip().lower(): name for name in found}
    missing = [name for name in columns if name.lower() not in spelled]
    if missing:
        raise CorpusError(
            f"{path} has no column {', '.join(missing)} among {len(found)}. Use the files of "
            "PhysioNet as downloaded."
        )
    return [spelled[name.lower()] for name in columns]
