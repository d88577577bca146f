"""Assemble one release of ICD-10-CM: the tabular list carried to another year by its changes.

The tree of the tabular's own release is the base. Going forward, codes are added and
deleted as the changes say; going back, the reverse. What is left without a billable code
below it is dropped. Codes of a newer list have a title and no notes: their
``notes_release`` is empty.
"""

from __future__ import annotations

from collections.abc import Iterator

from cac.codes.releases import ADDED, DELETED, REVISED, Change, Releases, reversed_change
from cac.codes.tabular import Node
from cac.codes.values import bare, dotted


def release_tree(
    chapters: list[Node], tabular_release: str, release: str, releases: Releases
) -> list[Node]:
    """Return the chapters of ``release``, from those of ``tabular_release`` (changed in place)."""
    tree = _Tree(chapters)
    names = releases.names
    here, wanted = names.index(tabular_release), names.index(release)
    for name in names[here + 1 : wanted + 1]:
        tree.apply(releases.of(name))
    for name in reversed(names[wanted + 1 : here + 1]):
        tree.apply(tuple(reversed_change(change) for change in releases.of(name)))
    return tree.pruned()


class _Tree:
    """The nodes by value, and which of them are billable."""

    def __init__(self, chapters: list[Node]) -> None:
        self.chapters = chapters
        self.by_value = {node.value: node for chapter in chapters for node in chapter.walk()}
        self.billable = {value for value, node in self.by_value.items() if not node.children}

    def apply(self, changes: tuple[Change, ...]) -> None:
        self.billable -= {change.value for change in changes if change.kind == DELETED}
        for change in sorted(changes, key=lambda c: c.value):
            if change.kind == ADDED:
                self._add(change.value, change.new_title)
            elif change.kind == REVISED and change.value in self.by_value:
                self.by_value[change.value].title = change.new_title

    def _add(self, value: str, title: str) -> None:
        self.billable.add(value)
        if value in self.by_value:
            self.by_value[value].title = title
            return
        parent = self._parent(value, title)
        node = Node(value, title)
        self.by_value[value] = node
        parent.children.append(node)

    def _parent(self, value: str, title: str) -> Node:
        """Return the longest known prefix, made first where the code is an expanded one."""
        plain = bare(value)
        if len(plain) == 7 and (base := self._base(plain, title)):
            return base
        for length in range(len(plain) - 1, 2, -1):
            if found := self.by_value.get(dotted(plain[:length])):
                return found
        return self._category(plain) if len(plain) > 3 else self._block(plain)

    def _base(self, plain: str, title: str) -> Node | None:
        """Return the node that a seventh character is added to, by its title if it is new."""
        base = dotted(plain[:6].rstrip("X"))
        if base in self.by_value:
            return self.by_value[base]
        ending = ", " + self._seventh(plain).get(plain[6], "\0")
        if not title.endswith(ending):
            return None
        self._add(base, title.removesuffix(ending))
        self.billable.discard(base)
        return self.by_value[base]

    def _seventh(self, plain: str) -> dict[str, str]:
        for length in range(6, 2, -1):
            node = self.by_value.get(dotted(plain[:length]))
            if node and node.seventh:
                return node.seventh
        return {}

    def _category(self, plain: str) -> Node:
        """Make a category that the changes only show through its codes; its title is unknown."""
        node = Node(plain[:3], "")
        self.by_value[node.value] = node
        self._block(plain).children.append(node)
        return node

    def _block(self, plain: str) -> Node:
        """Return the block of the category before, if near enough; else the chapter."""
        nearest = self.chapters[0], self.chapters[0]
        for chapter in self.chapters:
            for block in chapter.children:
                if block.value[:3] <= plain[:3]:
                    nearest = chapter, block
        chapter, block = nearest
        return block if block.value[4:6] == plain[:2] else chapter

    def pruned(self) -> list[Node]:
        for chapter in self.chapters:
            _prune(chapter, self.billable)
        return [chapter for chapter in self.chapters if chapter.children]


def _prune(node: Node, billable: set[str]) -> bool:
    node.children = [child for child in node.children if _prune(child, billable)]
    node.children.sort(key=lambda child: (child.value[:1].isalpha(), child.value))
    return bool(node.children) or node.value in billable


def lines(chapters: list[Node]) -> Iterator[tuple[Node, str, int]]:
    """Yield each node, depth first, with its parent's value and the number of nodes below."""
    stack = [(chapter, "") for chapter in reversed(chapters)]
    below: dict[int, int] = {}
    for chapter in chapters:
        _count(chapter, below)
    while stack:
        node, parent = stack.pop()
        yield node, parent, below[id(node)]
        stack += [(child, node.value) for child in reversed(node.children)]


def _count(node: Node, below: dict[int, int]) -> int:
    below[id(node)] = sum(_count(child, below) for child in node.children)
    return below[id(node)] + 1
