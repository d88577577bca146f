"""The publisher's ICD-10-CM tabular XML, read into a tree with seventh characters expanded.

The XML lists no code with a seventh character; they follow from ``sevenChrDef`` and the
placeholder X, save where a note takes some away (category S06, death before regaining
consciousness). Expanded so, the April 2026 file gives the 74,719 billable codes of the
FY2026 list and no other.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from cac.codes.values import bare, dotted
from cac.errors import CodeSetError

NOTE_KINDS = {
    "inclusionTerm": "inclusion_terms",
    "includes": "includes",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code_first",
    "useAdditionalCode": "use_additional",
    "codeAlso": "code_also",
    "notes": "notes",
    "sevenChrNote": "seventh_note",
}
"""XML element to note kind, in the order in which a coder reads them."""

_LIMIT = re.compile(
    r"7th characters? (?P<chars>.+?) do(?:es)? not apply to codes in category (?P<category>\w+)"
    r" with (?P<position>\d)th character (?P<values>.+)"
)
_ONE = re.compile(r"\b[0-9A-Z]\b")


@dataclass(slots=True)
class Node:
    """A chapter, block, category, subcategory or code, with its own notes only."""

    value: str
    title: str
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seventh: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    notes_release: str = ""

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class _Limit:
    """Seventh characters that a note takes away from some codes of a category."""

    chars: frozenset[str]
    category: str
    position: int
    values: frozenset[str]

    def forbids(self, plain: str, char: str) -> bool:
        return (
            char in self.chars
            and plain.startswith(self.category)
            and plain[self.position - 1 : self.position] in self.values
        )


def read_tabular(path: Path) -> tuple[str, list[Node]]:
    """Read a tabular XML file into its release and its chapters.

    Raises:
        CodeSetError: the file is damaged, half downloaded, or of another layout.

    """
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise CodeSetError(
            f"Cannot read the tabular file {path}: {error}. It must be the publisher's whole XML;"
            " download it again."
        ) from error
    release = (root.findtext("version") or "").strip()
    if root.tag != "ICD10CM.tabular" or not release:
        raise CodeSetError(
            f"{path} has the root <{root.tag}>; the ICD-10-CM tabular list has <ICD10CM.tabular>"
            " with a <version>."
        )
    chapters = [_chapter(element, release) for element in root.findall("chapter")]
    return release, chapters


def _chapter(element: Element, release: str) -> Node:
    node = _node(_text(element.find("name")), element, release)
    node.children = [_block(section, release) for section in element.findall("section")]
    node.children = [block for block in node.children if block.children]
    return node


def _block(element: Element, release: str) -> Node:
    name = element.get("id", "")
    # A block of one category bears that category's name (B20): the range form tells them apart.
    node = _node(name if "-" in name else f"{name}-{name}", element, release)
    node.children = [_code(d, release, {}, ()) for d in element.findall("diag")]
    return node


def _node(value: str, element: Element, release: str) -> Node:
    title = _text(element.find("desc"))
    if (value and not value[:1].isalpha()) or "-" in value:
        title = re.sub(r"\s*\([A-Z]\w\w(?:-[A-Z]\w\w)?\)$", "", title)
    return Node(value, title, _notes(element), _seventh(element), notes_release=release)


def _code(
    element: Element, release: str, seventh: Mapping[str, str], limits: tuple[_Limit, ...]
) -> Node:
    node = _node(_text(element.find("name")).upper(), element, release)
    seventh = node.seventh or seventh
    limits = limits + tuple(_limits(node.notes.get("notes", ())))
    below = element.findall("diag")
    node.children = [_code(d, release, seventh, limits) for d in below]
    if not below and len(bare(node.value)) < 7:
        node.children = _expanded(node, release, seventh, limits)
    return node


def _expanded(
    node: Node, release: str, seventh: Mapping[str, str], limits: tuple[_Limit, ...]
) -> list[Node]:
    padded = bare(node.value).ljust(6, "X")
    taken = {char for limit in limits for char in seventh if limit.forbids(padded, char)}
    return [
        Node(dotted(padded + char), f"{node.title}, {text}", notes_release=release)
        for char, text in seventh.items()
        if char not in taken
    ]


def _notes(element: Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for block in element:
        if kind := NOTE_KINDS.get(block.tag):
            found.setdefault(kind, []).extend(_text(note) for note in block.findall("note"))
    return {kind: tuple(filter(None, texts)) for kind, texts in found.items()}


def _seventh(element: Element) -> dict[str, str]:
    definition = element.find("sevenChrDef")
    if definition is None:
        return {}
    return {e.get("char", ""): _text(e) for e in definition.findall("extension")}


def _limits(notes: tuple[str, ...]) -> Iterator[_Limit]:
    for note in notes:
        if found := _LIMIT.search(note):
            yield _Limit(
                frozenset(_ONE.findall(found["chars"])),
                found["category"],
                int(found["position"]),
                frozenset(re.findall(r"\b([0-9A-Z]) - ", found["values"])),
            )


def _text(element: Element | None) -> str:
    if element is None:
        return ""
    text = "".join(element.itertext()) if len(element) else element.text or ""
    return " ".join(text.split())
