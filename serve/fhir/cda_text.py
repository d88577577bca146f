"""CDA narrative (``section/title`` and ``section/text``) to text with offsets.

The document is first read by defusedxml, which refuses a document type, entities and what is
outside; expat, which tells the place of each run, then reads what is known to be harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers.expat import ParserCreate

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from serve.errors import DecisionError
from serve.fhir.extracted import Extracted, TextBuilder

_LINES = frozenset("paragraph item list table tr br caption thead tbody tfoot title text".split())
_CELLS = frozenset(["td", "th"])
_STRUCK_OUT = "struck out"
_UNSEEN = frozenset(["renderMultiMedia", _STRUCK_OUT])
_NARRATIVE = frozenset(["title", "text"])
_DELETED = ("revised", "delete")
"""What a revision of the document struck out (CDA R2, 4.3.5.2): shown, if at all, as deleted."""
_DEEPEST = 100


def cda_text(source: str) -> Extracted:
    """Return titles and narrative in the order of the document.

    Raises:
        DecisionError: no well-formed XML, one with a document type or entities of its own, or one
            without narrative.
    """
    body = _without_declaration(source)
    _require_harmless(body)
    found = _Reader(body, len(source) - len(body)).read()
    if not found.text.strip():
        raise DecisionError(
            "The XML has no CDA section with a narrative text. What stands in a nonXMLBody is not "
            "read: send it as an attachment of its own kind."
        )
    return found


def _without_declaration(source: str) -> str:
    """Leave out ``<?xml ...?>``, whose encoding no longer holds of a decoded text."""
    if source.startswith("<?xml") and (end := source.find("?>")) > 0:
        return source[end + 2 :]
    return source


def _require_harmless(body: str) -> None:
    try:
        defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise DecisionError(
            "The XML has a document type or entities of its own, which are not read. Send the "
            "document without them."
        ) from None
    except defusedxml.ElementTree.ParseError as error:
        line, column = error.position
        raise DecisionError(
            f"The XML is not well-formed at line {line}, column {column}."
        ) from None


class _Reader:
    """Takes the narrative out; places are in characters, expat's in bytes."""

    def __init__(self, body: str, offset: int) -> None:
        self._bytes = body.encode("utf-8")
        self._built = TextBuilder()
        self._path: list[str] = []
        self._in_cdata = False
        self._at_byte = 0
        self._at_character = offset
        self._parser = ParserCreate("utf-8")
        self._parser.buffer_text = False
        handlers: dict[str, Callable[..., None]] = {
            "StartElementHandler": self._start,
            "EndElementHandler": self._end,
            "CharacterDataHandler": self._data,
            "StartCdataSectionHandler": self._start_cdata,
            "EndCdataSectionHandler": self._end_cdata,
        }
        for name, handler in handlers.items():
            setattr(self._parser, name, handler)

    def read(self) -> Extracted:
        self._parser.Parse(self._bytes, True)
        return self._built.extracted()

    def _place(self) -> int:
        """Return the character at which expat stands; it only ever goes on."""
        byte = self._parser.CurrentByteIndex
        self._at_character += len(self._bytes[self._at_byte : byte].decode("utf-8"))
        self._at_byte = byte
        return self._at_character

    @property
    def _is_narrative(self) -> bool:
        parents = zip(self._path, self._path[1:], strict=False)
        inside = any(a == "section" and b in _NARRATIVE for a, b in parents)
        return inside and _UNSEEN.isdisjoint(self._path)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= _DEEPEST:
            raise DecisionError(f"The XML is nested more than {_DEEPEST} deep.")
        is_deleted = _DELETED in attributes.items()
        self._path.append(_STRUCK_OUT if is_deleted else name.rpartition(":")[2])
        self._part()

    def _start_cdata(self) -> None:
        self._in_cdata = True

    def _end_cdata(self) -> None:
        self._in_cdata = False

    def _end(self, _: str) -> None:
        self._part()
        self._path.pop()

    def _part(self) -> None:
        if not self._is_narrative:
            return
        if self._path[-1] in _LINES:
            self._built.end_line(self._place())
        elif self._path[-1] in _CELLS:
            self._built.end_cell(self._place())

    def _data(self, data: str) -> None:
        if not self._is_narrative:
            return
        start = self._place()
        here = self._bytes[self._at_byte : self._at_byte + 1]
        if here == b"&" and not self._in_cdata:  # an entity is a run of its own
            end = self._bytes.index(b";", self._at_byte) + 1
            self._built.add_one(data, start, start + end - self._at_byte)
        else:
            self._built.add(data, start)
