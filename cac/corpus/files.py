"""Reading the files of a corpus: UTF-8 with its line ends untouched, so that offsets stay true."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from cac.errors import CorpusError


class MissingFileError(CorpusError):
    """A file or folder that a corpus needs is not there; nothing is damaged."""


def existing(path: Path, download: str) -> Path:
    """Return ``path``; raise MissingFileError naming what to download where it does not exist."""
    if not path.exists():
        raise MissingFileError(f"{path} does not exist. {download}")
    return path


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, its line ends and spaces as they are.

    Raises:
        CorpusError: the file cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path} is not UTF-8 at byte {error.start}. Download it again, unconverted."
        ) from error
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from error


def read_tsv(path: Path, n_columns: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a tab-separated file without quoting; blank lines are skipped.

    Raises:
        CorpusError: a row has another number of columns.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        row = tuple(line.rstrip("\r").split("\t"))
        if row == ("",):
            continue
        if len(row) != n_columns:
            raise CorpusError(
                f"{path}, line {number}: {len(row)} columns found, {n_columns} wanted. "
                "Download the file again."
            )
        yield row


def read_csv(path: Path, wanted: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield the rows of a quoted CSV file with a header as mappings.

    Raises:
        CorpusError: a wanted column is missing, or a row is short.
    """
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    missing = [name for name in wanted if name not in (rows.fieldnames or ())]
    if missing:
        raise CorpusError(
            f"{path} lacks the columns {', '.join(missing)}; it has "
            f"{', '.join(rows.fieldnames or ()) or 'none'}."
        )
    for row in rows:
        if any(row[name] is None for name in wanted):
            raise CorpusError(f"{path}, line {rows.line_num}: a short row. Download it again.")
        yield row
