"""The Alphabetic Index with the neoplasm, drug and external-cause tables.

>>> index = load_index()
>>> index.lookup("Pneumonia, lobar")[0].code
'J18.1'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cac.codes.packed import Packed, Source, shipped

NEOPLASM_COLUMNS = (
    "malignant primary",
    "malignant secondary",
    "in situ",
    "benign",
    "uncertain",
    "unspecified",
)
DRUG_COLUMNS = (
    "poisoning accidental",
    "poisoning self-harm",
    "poisoning assault",
    "poisoning undetermined",
    "adverse effect",
    "underdosing",
)
_COLUMNS = {"neoplasm": NEOPLASM_COLUMNS, "drug": DRUG_COLUMNS, "index": ("",), "external": ("",)}


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of the index, with all the levels above it.

    ``nonessential`` has one tuple a level: words that may stand there or not without changing
    the code. ``code`` may be an incomplete prefix ("S52.50"), or empty where the line only
    refers on. In the neoplasm and drug tables the last level is the column.
    """

    path: tuple[str, ...]
    nonessential: tuple[tuple[str, ...], ...]
    code: str
    see: str
    see_also: str
    table: str
    manifestation: str = ""


class AlphabeticIndex:
    """The index and its tables: iterable, with look-up by path and by reference."""

    def __init__(self, entries: tuple[IndexEntry, ...], sources: tuple[Source, ...]) -> None:
        self._entries = entries
        self.sources = sources

    def __iter__(self) -> Iterator[IndexEntry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@lru_cache(maxsize=1)
def load_index() -> AlphabeticIndex:
    """Return the index that ships with the package."""
    packed = shipped("icd10cm_index")
    return AlphabeticIndex(tuple(unpack_entries(packed)), packed.sources)


def unpack_entries(packed: Packed) -> Iterator[IndexEntry]:
    """Yield the entries of a compiled index, levels joined to paths."""
    path: list[str] = []
    nonessential: list[tuple[str, ...]] = []
    for table, depth, title, modifiers, see, see_also, manifestation, *codes in packed.rows:
        level = int(depth)
        path[level:] = [title]
        nonessential[level:] = [tuple(modifiers.split("|")) if modifiers else ()]
        here, optional = tuple(path), tuple(nonessential)
        for column, code in zip(_COLUMNS[table], codes, strict=True):
            if not column:
                yield IndexEntry(here, optional, code, see, see_also, table, manifestation)
            elif code:
                below, extra = (*here, column), (*optional, ())
                yield IndexEntry(below, extra, code, see, see_also, table, manifestation)
        if _COLUMNS[table] != ("",) and not any(codes):
            yield IndexEntry(here, optional, "", see, see_also, table, manifestation)
