"""The publisher's Alphabetic Index and tables (XML), read into rows for the package data.

One reader serves the disease index, the external-cause index, the Table of Neoplasms and
the Table of Drugs: all nest ``mainTerm`` and ``term``. A row is depth, title,
nonessential modifiers (joined by "|"), see, see also, manifestation, then the codes: one
for the indexes, six for the tables in the order of their columns.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from cac.errors import CodeSetError

Row = tuple[str, ...]
_CODE_TAGS = ("code", "subcat", "seecat")
_COLUMNS = range(2, 8)
_IN_WORD = re.compile(r"(\w) ?\((\w)\)(?=\w)")
_CODE = re.compile(r"[A-Z]\w\w(?:\.\w{0,4})?-?")
_GLUED = re.compile(r"(?<!category)(?<!categories)\s+(?P<code>[A-Z]\d\w\.\w{1,4})-?$")


def read_index(path: Path) -> tuple[str, str, list[Row]]:
    """Read an index file into its table (index, external, neoplasm, drug), release and rows.

    Raises:
        CodeSetError: the file is damaged or of another layout.

    """
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise CodeSetError(
            f"Cannot read the index file {path}: {error}. Download it again from the publisher."
        ) from error
    table = _table(root)
    if root.tag != "ICD10CM.index" or not table:
        raise CodeSetError(
            f"{path} has the root <{root.tag}>; an ICD-10-CM index or table has <ICD10CM.index>"
            " with a title or column heads."
        )
    rows = [row for letter in root.findall("letter") for row in _rows(letter, 0, table)]
    return table, (root.findtext("version") or "").strip(), rows


def _table(root: Element) -> str:
    head = " ".join(root.itertext())[:400].lower()
    for word, table in (
        ("poisoning", "drug"),
        ("malignant primary", "neoplasm"),
        ("external cause", "external"),
        ("index to diseases", "index"),
    ):
        if word in head:
            return table
    return ""


def _rows(parent: Element, depth: int, table: str) -> Iterator[Row]:
    for element in parent:
        if element.tag in ("mainTerm", "term"):
            # A note is no level: what stands below it belongs to the level before it.
            if not (element.findtext("title") or "").startswith("Note:"):
                yield _row(element, depth, table)
            yield from _rows(element, depth + 1, table)


def _row(element: Element, depth: int, table: str) -> Row:
    title, modifiers = _title(element.find("title"))
    see, glued = _see(element, "see")
    see_also, also_glued = _see(element, "seeAlso")
    manifestation = _code(element.findtext("manif"))
    if table in ("neoplasm", "drug"):
        cells = {cell.get("col", ""): _code(cell.text) for cell in element.findall("cell")}
        codes = [cells.get(str(column), "") for column in _COLUMNS]
    else:
        found = [_code(element.findtext(tag)) for tag in _CODE_TAGS]
        codes = [next((code for code in (*found, glued, also_glued) if code), "")]
    return (str(depth), title, "|".join(modifiers), see, see_also, manifestation, *codes)


def _title(element: Element | None) -> tuple[str, list[str]]:
    if element is None:
        return "", []
    words = [element.text or ""]
    modifiers: list[str] = []
    for child in element:
        inside, outside = split_modifiers("".join(child.itertext()))
        modifiers += inside
        words += [outside, child.tail or ""]
    return re.sub(r"\s+([,;])", r"\1", " ".join(" ".join(words).split())), modifiers


def split_modifiers(text: str) -> tuple[list[str], str]:
    """Split ``"(on) chronic (congestive)"`` into bracketed parts and the words outside.

    The words outside are part of the title, although the publisher marks them alike. A
    letter in brackets within a word ("Amnes(t)ic") is that word's.
    """
    text = _IN_WORD.sub(r"\1\2", text)
    found: list[str] = []
    outside: list[str] = []
    depth = start = 0
    for position, char in enumerate(text):
        if char == "(":
            depth += 1
            start = position + 1 if depth == 1 else start
        elif char == ")" and depth:
            depth -= 1
            if not depth:
                found.append(" ".join(text[start:position].split()))
                outside.append(" ")
        elif not depth and char != ")":
            outside.append(char)
    return [part for part in found if part], " ".join("".join(outside).split())


def _see(element: Element, tag: str) -> tuple[str, str]:
    """Return the reference and the entry's own code where a file has glued it to the text."""
    texts = [" ".join("".join(found.itertext()).split()) for found in element.findall(tag)]
    text = "; ".join(texts)
    glued = _GLUED.search(text)
    return (text[: glued.start()], glued["code"]) if glued else (text, "")


def _code(text: str | None) -> str:
    found = (text or "").strip().upper()
    return found.rstrip("-").rstrip(".") if _CODE.fullmatch(found) else ""
