"""CSV: one row for each piece of evidence of each suggestion.

Pieces of one mention have one number in the column ``mention``, which counts within a suggestion.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from cac.coding import CodingResult, Evidence, Suggestion
from cac.note import Note
from cac.outputs.sink import Sink

COLUMNS = (
    "note_id",
    "rank",
    "system",
    "code",
    "description",
    "probability",
    "calibrated",
    "band",
    "start",
    "end",
    "evidence",
    "section",
    "assertion",
    "concerns",
    "rejected_because",
    "mention",
)
# A spreadsheet takes a cell that starts so for a formula, and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class CsvWriter:
    """Writes a header, then the rows of each note; a note without a code gets one row."""

    def __init__(self, sink: Sink, *, include_rejected: bool) -> None:
        self._sink = sink
        self._include_rejected = include_rejected
        sink.write(csv_lines([COLUMNS]))

    def write(self, note: Note, result: CodingResult) -> None:  # noqa: ARG002
        """Write the rows of one note."""
        listed = result.suggestions + (result.rejected if self._include_rejected else ())
        rows = [row for s in listed for row in _rows(result, s)]
        blank = (result.note_id, *[""] * (len(COLUMNS) - 1))
        self._sink.write(csv_lines(rows or [blank]))

    def close(self) -> None:
        """Close the file."""
        self._sink.close()


def _rows(result: CodingResult, suggestion: Suggestion) -> list[tuple[object, ...]]:
    head = (
        result.note_id,
        suggestion.rank,
        suggestion.code.system.value,
        suggestion.code.value,
        suggestion.description,
        f"{suggestion.probability:.4f}",
        "yes" if result.calibrated else "no",
        suggestion.band.value if suggestion.band else "",
    )
    tail = ("; ".join(c.message for c in suggestion.concerns), suggestion.rejected_because)
    if not suggestion.evidence:
        return [(*head, *[""] * 5, *tail, "")]
    pieces = zip(suggestion.evidence, suggestion.mention_numbers, strict=True)
    return [(*head, *_cells(evidence), *tail, number) for evidence, number in pieces]


def _cells(evidence: Evidence) -> tuple[object, ...]:
    span = evidence.span
    return (span.start, span.end, evidence.text, evidence.section, evidence.assertion.value)


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV, in which no cell is run as a formula."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([_guarded(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _guarded(cell: object) -> object:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    formula = isinstance(cell, str) and cell.startswith(_FORMULA_STARTS)
    return f"'{cell}" if formula else cell
