"""The codes of every admission, as compact arrays: some 20 bytes a row of the tables.

Diagnoses stand first, the principal one at their head, then procedures, then services; within a
table by its sequence number, rows without one last, in the order of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow
from pyarrow import compute

from cac.coding import Code, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.corpus.corpus import Report, silent
from cac.corpus.mimic.tables import numbers, read_table
from cac.errors import CorpusError

Integers = npt.NDArray[np.int64]
_MOST_MALFORMED = 0.01  # of the rows; more means that the file is another than it should be.
_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A table of coded events; ``system_of`` tells a code's system from its version and value.

    ``sequence`` and ``version`` are empty where the table has no such column; ``systems`` are all
    that ``system_of`` may answer.
    """

    name: str
    admission: str
    code: str
    sequence: str
    version: str
    systems: frozenset[CodeSystem]
    system_of: Callable[[str, str], CodeSystem]


@dataclass(slots=True)
class Rows:
    """Rows of code tables: admission, sequence number, and index into ``codes``."""

    codes: dict[Code, int] = field(default_factory=dict)
    admissions: list[Integers] = field(default_factory=list)
    sequences: list[Integers] = field(default_factory=list)
    indices: list[Integers] = field(default_factory=list)
    n_rows: int = 0
    n_blank: int = 0
    n_malformed: int = 0

    def read(
        self, path: Path, table: CodeTable, systems: Iterable[CodeSystem], report: Report
    ) -> None:
        """Add the rows of a table whose system is wanted."""
        wanted = frozenset(systems)
        known: dict[str, int] = {}
        columns = [table.admission, table.code, table.sequence, table.version]
        for batch in read_table(path, [name for name in columns if name], report):
            self._add(batch, table, wanted, known)

    def _add(
        self,
        batch: pyarrow.RecordBatch,
        table: CodeTable,
        wanted: frozenset[CodeSystem],
        known: dict[str, int],
    ) -> None:
        names = [name.lower() for name in batch.schema.names]
        columns = dict(zip(names, batch.columns, strict=True))
        version = columns.get(table.version.lower(), pyarrow.scalar(""))
        keys = compute.binary_join_element_wise(version, columns[table.code.lower()], ":")
        packed = keys.dictionary_encode()
        here = [self._index(key, table, wanted, known) for key in packed.dictionary.to_pylist()]
        indices = np.asarray(here, np.int64)[packed.indices.to_numpy()]
        self.n_rows += len(indices)
        self.n_blank += int((indices == _BLANK).sum())
        self.n_malformed += int((indices == _MALFORMED).sum())
        kept = indices >= 0
        sequence = columns.get(table.sequence.lower())
        order = numbers(sequence).to_numpy() if sequence is not None else np.arange(len(indices))
        self.admissions.append(numbers(columns[table.admission.lower()]).to_numpy()[kept])
        self.sequences.append(np.where(order < 0, _LAST, order)[kept])
        self.indices.append(indices[kept])

    def _index(
        self, key: str, table: CodeTable, wanted: frozenset[CodeSystem], known: dict[str, int]
    ) -> int:
        if key not in known:
            known[key] = self._settle(key, table, wanted)
        return known[key]

    def _settle(self, key: str, table: CodeTable, wanted: frozenset[CodeSystem]) -> int:
        version, _, value = (part.strip() for part in key.partition(":"))
        if not value:
            return _BLANK
        system = table.system_of(version, value)
        if system not in wanted:
            return _UNWANTED
        try:
            code = canonical_code(system, value)
        except CorpusError:
            return _MALFORMED
        return self.codes.setdefault(code, len(self.codes))


_BLANK, _MALFORMED, _UNWANTED = -1, -2, -3


class AdmissionCodes:
    """Codes by admission, each once, in order of sequence."""

    def __init__(self, codes: Sequence[Code], admissions: Integers, indices: Integers) -> None:
        self._codes = codes
        self._admissions = admissions  # (n_rows,), ascending
        self._indices = indices  # (n_rows,), into codes

    def of(self, admission: int) -> tuple[Code, ...]:
        """Return the codes of an admission, none where it has none."""
        start, end = np.searchsorted(self._admissions, [admission, admission + 1])
        return tuple(self._codes[index] for index in self._indices[start:end])

    def counts(self, admissions: Iterable[int]) -> Counter[Code]:
        """Return in how many of these admissions each code stands."""
        wanted = np.fromiter(admissions, np.int64)
        found = self._indices[np.isin(self._admissions, wanted)]
        numbers_of = np.bincount(found, minlength=len(self._codes))
        return Counter({c: int(n) for c, n in zip(self._codes, numbers_of, strict=True) if n})


def read_codes(
    tables: Sequence[tuple[Path, CodeTable]],
    systems: Iterable[CodeSystem],
    report: Report = silent,
) -> AdmissionCodes:
    """Read the codes of some systems; rows without a code are left out, and told.

    Raises:
        CorpusError: a file is damaged, or more than one row in a hundred holds no code.
    """
    rows = Rows()
    lengths = []
    for path, table in tables:
        rows.read(path, table, systems, report)
        lengths.append(sum(map(len, rows.indices)))
    if rows.n_malformed > rows.n_rows * _MOST_MALFORMED:
        raise CorpusError(
            f"{rows.n_malformed:,} of {rows.n_rows:,} rows hold no code of their system. Use the "
            "files of PhysioNet as downloaded."
        )
    report(
        f"{rows.n_rows:,} rows of codes: {rows.n_blank:,} blank and {rows.n_malformed:,} malformed "
        "left out"
    )
    return _sorted(rows, np.diff([0, *lengths]))


def _sorted(rows: Rows, lengths: Integers) -> AdmissionCodes:
    """Order the rows by admission, table and sequence, and drop repeated codes."""
    admissions, sequences, indices = (
        np.concatenate([np.empty(0, np.int64), *parts])
        for parts in (rows.admissions, rows.sequences, rows.indices)
    )
    tables = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((sequences, tables, admissions))  # stable: ties in order of the file
    admissions, indices = admissions[order], indices[order]
    _, first = np.unique(admissions * len(rows.codes) + indices, return_index=True)
    first.sort()
    return AdmissionCodes(tuple(rows.codes), admissions[first], indices[first])
