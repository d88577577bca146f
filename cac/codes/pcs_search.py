"""Search ICD-10-PCS by words: over the labels of its codes, its index, and what people say.

The body part key turns "acromion" into "Scapula"; the definitions tell that a face lift is
an alteration. Index entries may lead to a table or a prefix rather than a whole code.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from cac.codes.cache import cached
from cac.codes.icd10pcs import Icd10pcs
from cac.codes.library import files_of
from cac.codes.pcs_tables import LENGTH, N_HEAD
from cac.codes.terms import TermHit, TermScan, term_text, words_of
from cac.errors import CodeSetError

_CODE_PATHS = ("code", "codes", "tab", "see/codes", "see/tab")
_SYNONYMS = {
    "cabg": "bypass coronary artery",
    "cystoscopy": "inspection bladder",
    "laparoscopic": "percutaneous endoscopic",
    "orif": "reposition open",
    "stent": "intraluminal device",
    "stenting": "dilation intraluminal device",
}
"""What people say for what the tables write, where neither index nor key has it."""


class PcsSearch:
    """The terms of one release, ready to be searched."""

    def __init__(self, text: str, body_parts: dict[frozenset[str], str]) -> None:
        self._scan = TermScan(text)
        self._body_parts = body_parts

    @classmethod
    def load(cls, pcs: Icd10pcs) -> PcsSearch:
        """Return the search over a release, with the newest index and keys that are found."""
        paths = [p for k in ("icd10pcs", "icd10pcs-index") for p in files_of(k).values()]

        def make() -> str:
            return term_text(_terms(pcs))

        text = cached(f"pcs-search-{pcs.release}", paths, make)
        return cls(text, body_parts())

    def search(self, query: str, limit: int = 20) -> list[TermHit]:
        """Return codes and prefixes (``key``) whose terms answer the query best."""
        spelt = " ".join(_SYNONYMS.get(word, word) for word in words_of(query))
        hits = self._scan.search(query, limit) + self._scan.search(spelt, limit)
        for key, preferred in self._body_parts.items():
            words = words_of(query)
            if key <= set(words):
                rest = " ".join(word for word in words if word not in key)
                hits += self._scan.search(f"{rest} {preferred}", limit)
        best: dict[str, TermHit] = {}
        for hit in hits:
            if hit.key not in best or hit.score > best[hit.key].score:
                best[hit.key] = hit
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.key))[:limit]


def body_parts() -> dict[frozenset[str], str]:
    """Return the body part key: the words of what people say, to the first preferred name."""
    found = files_of("icd10pcs-body-parts")
    if not found:
        return {}
    data = json.loads(next(iter(found.values())).read_text(encoding="utf-8"))["data"]
    return {frozenset(words_of(term)): names[0].split(",")[0] for term, names in data.items()}


def _terms(pcs: Icd10pcs) -> Iterator[tuple[str, str, str]]:
    for table in pcs.tables.values():
        labels = [label for _, _, label in table.head]
        head = f"{labels[2]} ({labels[0]}) ({labels[1]})"
        for row in table.rows:
            parts, approaches, devices, qualifiers = (axis.labels for axis in row.axes)
            for char, part in parts.items():
                yield table.prefix + char, "table", f"{head} {part}"
                for by, approach in approaches.items():
                    for device in devices.items():
                        for qualifier in qualifiers.items():
                            code = table.prefix + char + by + device[0] + qualifier[0]
                            yield code, "table", _said(head, part, approach, device, qualifier)
    for path in files_of("icd10pcs-index").values():
        yield from _index_terms(path, pcs)


def _said(head: str, part: str, approach: str, *others: tuple[str, str]) -> str:
    named = [label for _, label in others if not label.startswith("No ")]
    return " ".join([head, part, f"({approach})", *named])


def _index_terms(path: Path, pcs: Icd10pcs) -> Iterator[tuple[str, str, str]]:
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise CodeSetError(f"Cannot read the ICD-10-PCS index {path}: {error}.") from error
    for letter in root.findall("letter"):
        yield from _levels(letter, (), pcs)


def _levels(
    parent: Element, above: tuple[str, ...], pcs: Icd10pcs
) -> Iterator[tuple[str, str, str]]:
    for element in parent:
        if element.tag not in ("mainTerm", "term"):
            continue
        title = " ".join((element.findtext("title") or "").split())
        path = (*above, title) if title else above
        for tag in _CODE_PATHS:
            for code in (" ".join((found.text or "").split()) for found in element.findall(tag)):
                if _is_known(code, pcs):
                    yield code, "index", ", ".join(path)
        yield from _levels(element, path, pcs)


def _is_known(code: str, pcs: Icd10pcs) -> bool:
    if len(code) < N_HEAD:
        return False
    return pcs.is_valid(code) if len(code) == LENGTH else bool(pcs.options(code))
