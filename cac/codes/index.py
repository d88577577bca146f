"""The Alphabetic Index with the neoplasm, drug and external-cause tables.

>>> index = load_index()
>>> index.lookup("Pneumonia, lobar")[0].code
'J18.1'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cac.codes.index_entry import IndexEntry
from cac.codes.index_tree import CONNECTORS, IndexNode, build_tree, find_nodes, key_of
from cac.codes.library import imported_folder
from cac.codes.packed import Packed, Source, shipped, unpack

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
_NEOPLASM_WORDS = {
    "malignant": "malignant primary",
    "primary": "malignant primary",
    "secondary": "malignant secondary",
    "metastatic": "malignant secondary",
    "in situ": "in situ",
    "benign": "benign",
    "uncertain behavior": "uncertain",
    "unspecified behavior": "unspecified",
}
_TABLES = frozenset({"neoplasm", "drug"})
_BY = re.compile(r"by (?:site|type|drug|specific)\b")
_COLUMNS = {"neoplasm": NEOPLASM_COLUMNS, "drug": DRUG_COLUMNS, "index": ("",), "external": ("",)}


class AlphabeticIndex:
    """The index and its tables: iterable, with look-up by path and by reference."""

    def __init__(self, entries: tuple[IndexEntry, ...], sources: tuple[Source, ...]) -> None:
        self._entries = entries
        self.sources = sources
        self._trees: dict[str, IndexNode] = {}
        self._resolved: dict[tuple[str, str], tuple[IndexEntry, ...]] = {}

    def __iter__(self) -> Iterator[IndexEntry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def lookup(self, path: str, *, table: str = "index", follow: bool = True) -> list[IndexEntry]:
        """Return the entries at a path such as ``"Diabetes, type 2, with, nephropathy"``.

        A main term alone gives its default code. Where an entry only refers on ("see"), what
        it refers to is returned in its place; "see also" follows behind. ``follow=False``
        leaves both unresolved.
        """
        found = [entry for node in self._nodes(path, table) for entry in node.entries]
        return self._followed(found, frozenset({(table, path)})) if follow else found

    def resolve(self, see: str, *, table: str = "index") -> list[IndexEntry]:
        """Return the entries that a reference means; empty where it names no one place.

        ``table`` is that of the entry that refers. "Neoplasm, skin, benign" is answered from
        the Table of Neoplasms; "condition" and "by site" alone name no place.
        """
        if (see, table) not in self._resolved:
            found: dict[IndexEntry, None] = {}
            for reference in see.split("; "):
                found.update(dict.fromkeys(self._resolve(reference, table)))
            self._resolved[see, table] = tuple(found)
        return list(self._resolved[see, table])

    def under(self, path: str, *, table: str = "index") -> list[IndexEntry]:
        """Return the entries at a path and at all levels below it, in index order."""
        nodes = self._nodes(path, table)
        return [entry for top in nodes for node in top.walk() for entry in node.entries]

    def associated(self, path: str, *, table: str = "index") -> list[IndexEntry]:
        """Return the entries below "with", "in" and "due to" of a term.

        The classification presumes a link between the two conditions (guideline I.A.15).
        """
        links = [
            child
            for node in self._nodes(path, table)
            for child in node.children.values()
            if key_of(child.title) in CONNECTORS
        ]
        return [entry for link in links for node in link.walk() for entry in node.entries]

    def _nodes(self, path: str, table: str) -> list[IndexNode]:
        if table not in self._trees:
            entries = (entry for entry in self._entries if entry.table == table)
            self._trees[table] = build_tree(entries, columns=table in _TABLES)
        return find_nodes(self._trees[table], path)

    def _followed(
        self, entries: list[IndexEntry], seen: frozenset[tuple[str, str]]
    ) -> list[IndexEntry]:
        found: dict[IndexEntry, None] = {}
        for entry in entries:
            target = (entry.table, entry.see or entry.see_also)
            if entry.code or not entry.see:
                found[entry] = None
            if target[1] and target not in seen:
                further = self.resolve(target[1], table=entry.table)
                found.update(dict.fromkeys(self._followed(further, seen | {target})))
        return list(found)

    def _resolve(self, reference: str, table: str) -> list[IndexEntry]:
        levels = [level for level in reference.split(", ") if not _BY.match(level)]
        head = key_of(levels[0]) if levels else "condition"
        if head == "condition":
            return []
        if head == "table of drugs and chemicals":
            table, levels = "drug", levels[1:]
        if head in ("neoplasm", "table of neoplasms"):
            return self._neoplasm(levels[1:])
        path = ", ".join(levels)
        for place in dict.fromkeys((table, "index", "external")):
            if found := self.lookup(path, table=place, follow=False):
                return found
        return []

    def _neoplasm(self, levels: list[str]) -> list[IndexEntry]:
        """Return a site's entries in the Table of Neoplasms, of one column if one is named."""
        columns = [_NEOPLASM_WORDS[word] for word in levels if word in _NEOPLASM_WORDS]
        site = ", ".join(["Neoplasm", *(word for word in levels if word not in _NEOPLASM_WORDS)])
        found = self.lookup(site, table="neoplasm", follow=False)
        return [entry for entry in found if not columns or entry.path[-1] == columns[-1]]


@lru_cache(maxsize=1)
def load_index() -> AlphabeticIndex:
    """Return the index that the user compiled (``cac codes compile``), else the shipped one."""
    own = imported_folder() / "icd10cm_index.gz"
    packed = unpack(own.read_bytes(), str(own)) if own.exists() else shipped("icd10cm_index")
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
