"""ICD-10-PCS: codes built from tables, and refused where the table does not allow a value.

>>> pcs = load_icd10pcs("2026")
>>> pcs.check("0FT44ZX").message
'0FT44ZX: qualifier X is not allowed here; 0FT44Z allows G (Hand-Assisted), Z (No Qualifier).'
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cac.codes.library import require
from cac.codes.pcs_tables import LENGTH, N_HEAD, PcsAxis, PcsRow, PcsTable, read_tables
from cac.codes.values import bare
from cac.errors import UnknownCodeError

_CHARACTERS = frozenset("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ")  # I and O are never used


@dataclass(frozen=True, slots=True)
class PcsCheck:
    """Whether a code can be built; if not, which character fails and the rows that help."""

    value: str
    valid: bool
    message: str
    position: int | None = None
    rows: tuple[PcsRow, ...] = ()


class Icd10pcs:
    """One release of the tables."""

    def __init__(self, release: str, tables: tuple[PcsTable, ...]) -> None:
        self.release = release
        self.tables = {table.prefix: table for table in tables}

    def __iter__(self) -> Iterator[str]:
        for prefix, table in self.tables.items():
            for row in table.rows:
                for chars in itertools.product(*(axis.labels for axis in row.axes)):
                    yield prefix + "".join(chars)

    def __len__(self) -> int:
        return self._n_codes

    @cached_property
    def _n_codes(self) -> int:
        return sum(1 for _ in self)

    def is_valid(self, value: str) -> bool:
        """Tell whether the tables allow the code."""
        return self.check(value).valid

    def row(self, value: str) -> PcsRow:
        """Return the row that a valid code is built from; raise UnknownCodeError otherwise."""
        code = bare(value)
        table = self.tables.get(code[:N_HEAD])
        for row in table.rows if table and len(code) == LENGTH else ():
            if row.allows(code[N_HEAD:]):
                return row
        raise UnknownCodeError(self.check(value).message)

    def labels(self, value: str) -> tuple[tuple[str, str], ...]:
        """Return the seven (title of the axis, label) pairs of a valid code."""
        code, row = bare(value), self.row(value)
        head = tuple((title, label) for title, _, label in self.tables[code[:N_HEAD]].head)
        tail = zip(row.axes, code[N_HEAD:], strict=True)
        return head + tuple((axis.title, axis.labels[char]) for axis, char in tail)

    def title(self, value: str) -> str:
        """Return a title composed from the table's labels (not the publisher's long title)."""
        labels = [label for _, label in self.labels(value)]
        said = [label for label in labels[N_HEAD:] if not label.startswith("No ")]
        return f"{labels[2]}: {', '.join(said)} ({labels[0]}, {labels[1]})"

    def beginning(self, prefix: str) -> str:
        """Return what the characters of an unfinished code say, in words.

        Raises:
            UnknownCodeError: the tables allow no code that begins so.
        """
        begun, said = bare(prefix), []
        for place, char in enumerate(begun):
            options = self.options(begun[:place])
            if char not in options:
                raise UnknownCodeError(f"No code of FY{self.release} begins with {begun!r}.")
            said.append(options[char])
        return ", ".join(said[1:])

    def options(self, prefix: str) -> dict[str, str]:
        """Return the characters that may follow a prefix, with their labels."""
        begun = bare(prefix)
        if len(begun) >= N_HEAD:
            table = self.tables.get(begun[:N_HEAD])
            rows = [r for r in (table.rows if table else ()) if r.allows(begun[N_HEAD:])]
            place = len(begun) - N_HEAD
            axes = [row.axes[place] for row in rows if place < len(row.axes)]
            return dict(sorted((c, t) for axis in axes for c, t in axis.labels.items()))
        heads = (t.head[len(begun)] for t in self.tables.values() if t.prefix.startswith(begun))
        return dict(sorted((char, label) for _, char, label in heads))

    def build(self, *choices: str) -> str:
        """Return the code for seven choices, each a character or a label in words.

        Raises:
            UnknownCodeError: a choice is not allowed after those before it.

        """
        code = ""
        for choice in choices:
            options = self.options(code)
            named = {label.lower(): char for char, label in options.items()}
            char = choice.upper() if choice.upper() in options else named.get(choice.lower(), "")
            if not char:
                allowed = ", ".join(f"{c} ({t})" for c, t in options.items()) or "nothing"
                raise UnknownCodeError(f"After {code!r} there is no {choice!r}: {allowed}.")
            code += char
        if len(code) != LENGTH:
            raise UnknownCodeError(f"{code!r} has {len(code)} characters; a code has {LENGTH}.")
        return code

    def check(self, value: str) -> PcsCheck:
        """Say whether the tables allow a code; if not, why, and which rows would."""
        code = bare(value)
        wrong = next((n for n, c in enumerate(code) if c not in _CHARACTERS), None)
        if wrong is not None:
            said = f"{code[wrong]!r} at position {wrong + 1}; I and O are never used"
            return PcsCheck(code, False, f"{code}: no value is {said}.", wrong + 1)
        table = self.tables.get(code[:N_HEAD])
        if table is None:
            return self._no_table(code)
        tail = code[N_HEAD:LENGTH]
        if len(code) == LENGTH and any(row.allows(tail) for row in table.rows):
            return PcsCheck(code, True, f"{code} is valid in FY{self.release}.")
        return self._refused(code, table)

    def _no_table(self, code: str) -> PcsCheck:
        length = max(n for n in range(N_HEAD) if self.options(code[:n]))
        length = next(
            (n for n in range(N_HEAD) if code[n : n + 1] not in self.options(code[:n])), length
        )
        allowed = ", ".join(f"{c} ({t})" for c, t in self.options(code[:length]).items())
        message = f"{code}: FY{self.release} has no table {code[:3]!r}; after {code[:length]!r}"
        return PcsCheck(code, False, f"{message} it has {allowed}.", length + 1)

    def _refused(self, code: str, table: PcsTable) -> PcsCheck:
        fitting, place = table.rows, N_HEAD
        for place in range(N_HEAD, LENGTH):
            further = tuple(r for r in fitting if r.allows(code[N_HEAD : place + 1]))
            if not further or place == len(code):
                break
            fitting = further
        axis = fitting[0].axes[place - N_HEAD].title.lower()
        allowed = ", ".join(f"{c} ({t})" for c, t in self.options(code[:place]).items())
        if place >= len(code):
            said = f"{code} is incomplete: choose the {axis} from {allowed}"
        elif len(code) > LENGTH:
            said = f"{code} has {len(code)} characters; a code has {LENGTH}"
        else:
            said = (
                f"{code}: {axis} {code[place]} is not allowed here; {code[:place]} allows {allowed}"
            )
        rows = self._helping(code, table, place) or fitting
        return PcsCheck(code, False, f"{said}.", place + 1, rows)

    def _helping(self, code: str, table: PcsTable, place: int) -> tuple[PcsRow, ...]:
        """Return the rows that do allow the refused value, with most of the rest of the code."""
        char = code[place : place + 1]
        rows = [r for r in table.rows if char and char in r.axes[place - N_HEAD].labels]
        shared = [sum(map(_in, code[N_HEAD:LENGTH], row.axes)) for row in rows]
        return tuple(row for row, n in zip(rows, shared, strict=True) if n == max(shared))


def _in(char: str, axis: PcsAxis) -> bool:
    return char in axis.labels


@lru_cache(maxsize=2)
def load_icd10pcs(release: str | None = None) -> Icd10pcs:
    """Return a release of ICD-10-PCS from the publisher's tables; the newest by default.

    Raises:
        CodeSetError: no tables are found, or the file is damaged.

    """
    name = release.upper().removeprefix("FY") if release else None
    _, path = require("icd10pcs", name)
    return Icd10pcs(*read_tables(path))
