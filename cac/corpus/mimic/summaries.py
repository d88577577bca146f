"""Discharge summaries with their addenda, one text an admission, streamed in two passes.

The first pass counts the notes of each admission, the second yields an admission as soon as its
last note has come: only those with several notes wait in memory, whatever the order of the file.

Notes are joined in the order of the file, as Mullenbach et al. (2018) and Edin et al. (2023) do:
reports and addenda as they come. Between them stands a line end, where those put a blank, so that
a header keeps its line; the words are the same. A note that repeats another of its admission word
for word is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow
from pyarrow import compute

from cac.corpus.corpus import Report, silent
from cac.corpus.mimic.remembered import Remembered
from cac.corpus.mimic.tables import numbers, read_table


@dataclass(frozen=True, slots=True)
class NoteTable:
    """A table of notes; those are summaries whose ``kind`` is one of ``kinds``.

    ``error`` names the column that marks a note as written in error, empty where there is none.
    """

    name: str
    admission: str
    patient: str
    text: str
    kind: str
    kinds: tuple[str, ...]
    error: str = ""

    @property
    def flags(self) -> list[str]:
        """The columns that tell which rows are wanted, the admission first."""
        return [self.admission, self.kind, *([self.error] if self.error else [])]


@dataclass(frozen=True, slots=True)
class Summary:
    """The discharge summary of an admission, its addenda joined; ids are those of the database."""

    admission: int
    patient: str
    text: str


_COUNTS: Remembered[Mapping[int, int]] = Remembered()


def count_notes(path: Path, table: NoteTable, report: Report = silent) -> Mapping[int, int]:
    """Return the number of summaries and addenda of each admission."""
    return _COUNTS.get([path], table, lambda: _count(path, table, report))


def _count(path: Path, table: NoteTable, report: Report) -> Mapping[int, int]:
    counts: Counter[int] = Counter()
    for batch in read_table(path, table.flags, report):
        kept = batch.filter(_is_summary(batch, table))
        counts.update(numbers(kept.column(0)).to_pylist())
    return counts


def read_summaries(
    path: Path,
    table: NoteTable,
    counts: Mapping[int, int],
    wanted: Iterable[int],
    report: Report = silent,
) -> Iterator[Summary]:
    """Yield the summaries of the wanted admissions, in the order in which they are complete.

    Args:
        path: the file of the table.
        table: its columns.
        counts: what `count_notes` returned.
        wanted: ids of admissions; reading ends where the last of them is complete.
        report: told the number of rows at intervals.
    """
    missing = {admission: counts[admission] for admission in wanted if admission in counts}
    pending: dict[int, list[str]] = defaultdict(list)
    columns = [*table.flags, table.patient, table.text]
    for batch in read_table(path, columns, report):
        for admission, patient, text in _rows(batch.filter(_is_summary(batch, table)), missing):
            pending[admission].append(text.as_py())
            missing[admission] -= 1
            if not missing[admission]:
                del missing[admission]
                notes = pending.pop(admission)
                yield Summary(admission, patient.as_py().strip(), _joined(notes))
        if not missing:
            return


def _rows(
    batch: pyarrow.RecordBatch, wanted: Container[int]
) -> Iterator[tuple[int, pyarrow.Scalar, pyarrow.Scalar]]:
    patients, texts = batch.columns[-2:]
    for row, admission in enumerate(numbers(batch.column(0)).to_pylist()):
        if admission in wanted:
            yield admission, patients[row], texts[row]


def _joined(notes: list[str]) -> str:
    return "\n".join(note for note in dict.fromkeys(notes) if note.strip())


def _is_summary(batch: pyarrow.RecordBatch, table: NoteTable) -> pyarrow.Array:
    """Return which rows are summaries of an admission (``(n_rows,)``, boolean)."""
    kinds = compute.utf8_trim_whitespace(batch.column(1))  # "Physician " has a trailing blank.
    wanted = compute.is_in(kinds, value_set=pyarrow.array(table.kinds))
    admitted = compute.not_equal(compute.utf8_trim_whitespace(batch.column(0)), "")
    kept = compute.and_(wanted, admitted)
    if table.error:
        kept = compute.and_(kept, compute.not_equal(batch.column(2), "1"))
    return kept
