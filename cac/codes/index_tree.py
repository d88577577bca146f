"""The index as a tree, searched by the levels of a path as people write them.

Titles hold commas of two kinds: "Diabetes, diabetic" gives two forms of one word, and
"Fracture, traumatic" a word and its subdivision. Levels may be left out ("Diabetes,
nephropathy" for "Diabetes, with, nephropathy"), and nonessential modifiers may be put in.
Each liberty has a cost; the cheapest ways win.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from cac.codes.index_entry import IndexEntry

CONNECTORS = frozenset({"with", "in", "due to", "in (due to)", "with (due to)", "of", "without"})
_TRAILING = re.compile(r"\s+(?:nec|nos)$")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_SKIP_CONNECTOR, _SKIP_LEVEL, _FIRST_PART = 1, 4, 2
_STEM = 4  # characters that two forms of one word share


@dataclass(slots=True)
class IndexNode:
    """One level of the index: its entries (one a column in the tables) and what is below."""

    title: str
    optional: tuple[str, ...] = ()
    entries: list[IndexEntry] = field(default_factory=list)
    children: dict[str, IndexNode] = field(default_factory=dict)
    _forms: dict[str, list[tuple[IndexNode, tuple[str, ...], int]]] | None = None

    def walk(self) -> Iterator[IndexNode]:
        """Yield this node and all below it, in index order."""
        yield self
        for child in self.children.values():
            yield from child.walk()

    def answering(self, levels: tuple[str, ...]) -> Iterator[tuple[IndexNode, int, int]]:
        """Yield the children that the first levels may mean, how many they use, the cost."""
        if self._forms is None:
            self._forms = defaultdict(list)
            for child in self.children.values():
                for parts, cost in _forms(child.title):
                    self._forms[parts[0]].append((child, parts, cost))
        for child, parts, cost in self._forms.get(_singular(levels[0]), ()):
            if tuple(map(_singular, levels[: len(parts)])) == parts:
                yield child, len(parts), cost


def build_tree(entries: Iterable[IndexEntry], *, columns: bool) -> IndexNode:
    """Return the root over ``entries``; ``columns`` where the last level is a table's column."""
    root = IndexNode("")
    for entry in entries:
        node = root
        for title, optional in zip(entry.path, entry.nonessential, strict=True):
            if title not in node.children:
                node.children[title] = IndexNode(title, optional)
            node = node.children[title]
        node.entries.append(entry)
    if columns:
        _fold_columns(root)
    return root


def _fold_columns(node: IndexNode) -> None:
    """Move the entries of the columns up to the level that they belong to."""
    for title, child in list(node.children.items()):
        if child.entries and all(e.code and e.path[-1] == title for e in child.entries):
            node.entries += child.entries
            del node.children[title]
        else:
            _fold_columns(child)


@lru_cache(maxsize=1 << 17)
def key_of(title: str) -> str:
    """Return the form under which a title is compared: lower case, no NEC, no brackets."""
    plain = _BRACKETS.sub("", title).strip() or title if "(" in title else title
    return _TRAILING.sub("", " ".join(plain.lower().split()))


def find_nodes(root: IndexNode, query: str) -> list[IndexNode]:
    """Return the nodes that ``query`` (levels divided by commas) leads to most directly."""
    levels = tuple(level for part in query.split(",") for level in _split(key_of(part)) if level)
    found = list(_search(root, levels, 0)) if levels else []
    best = min((cost for cost, _ in found), default=0)
    unique = {id(node): node for cost, node in found if cost == best}
    return list(unique.values())


def _split(level: str) -> tuple[str, ...]:
    first, _, rest = level.partition(" ")
    return (first, rest) if first in ("with", "without") and rest else (level,)


def _search(node: IndexNode, levels: tuple[str, ...], cost: int) -> Iterator[tuple[int, IndexNode]]:
    if not levels:
        yield cost, node
        return
    found = False
    for child, n_used, extra in node.answering(levels):
        for hit in _search(child, levels[n_used:], cost + extra):
            found = True
            yield hit
    if not found and levels[0] in map(key_of, node.optional):
        yield from _search(node, levels[1:], cost)
    elif not found and " " in levels[0] and node.title:
        parted = (*levels[0].split(" ", 1), *levels[1:])
        yield from _search(node, parted, cost + _SKIP_CONNECTOR)
    elif not found and node.title:
        for child in node.children.values():
            skip = _SKIP_CONNECTOR if key_of(child.title) in CONNECTORS else _SKIP_LEVEL
            yield from _search(child, levels, cost + skip)


def _forms(title: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the levels that a title answers to, each with its cost."""
    whole = tuple(_singular(key_of(part)) for part in title.split(","))
    yield whole, 0
    words = [word for part in whole for word in part.split(" or ")]
    if len(whole) > 1 and not _one_word(whole):
        yield whole[:1], _FIRST_PART
    elif len(words) > 1:
        yield from (((word,), 0) for word in words)
    if len(whole) == 1 and whole[0].startswith(("with ", "without ")):
        yield tuple(_singular(part) for part in whole[0].split(" ", 1)), 0


def _one_word(parts: tuple[str, ...]) -> bool:
    return all(part[:_STEM] == parts[0][:_STEM] for part in parts)


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > _STEM else word
