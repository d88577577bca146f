"""An attachment's bytes to text, by its content type."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Mapping
from typing import Any

from serve.errors import DecisionError
from serve.fhir.cda_text import cda_text
from serve.fhir.extracted import Extracted
from serve.fhir.html_text import html_text

_XML = frozenset(
    ["text/xml", "application/xml", "application/hl7-cda+xml", "application/cda+xml", "text/cda"]
)
_HTML = frozenset(["text/html", "application/xhtml+xml"])
KINDS = ("text/plain", *sorted(_HTML), *sorted(_XML))
_CHARSETS = frozenset(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "cp1252", "ascii"])
_DECLARED = re.compile(rb'^\s*<\?xml[^>]{0,200}\bencoding=["\']([A-Za-z0-9._-]{1,20})["\']')


def attachment_text(attachment: Mapping[str, Any]) -> Extracted:
    """Return the text of an attachment that holds its data.

    Raises:
        DecisionError: no data, an unknown kind or charset, or bytes that are not what they say.
    """
    kind, _, parameters = str(attachment.get("contentType", "text/plain")).partition(";")
    kind = kind.strip().lower()
    if kind not in KINDS:
        raise DecisionError(f"contentType may be {', '.join(KINDS)}.")
    data = _data(attachment)
    source = _decoded(data, _charset(parameters, data))
    if kind in _HTML:
        return html_text(source)
    return cda_text(source) if kind in _XML else Extracted(source)


def _data(attachment: Mapping[str, Any]) -> bytes:
    data = attachment.get("data")
    if not data:
        raise DecisionError(
            "The attachment has no data. What a url names is not fetched: send it as data, or as "
            "a Binary of the same Bundle."
        )
    try:
        return base64.b64decode("".join(str(data).split()), validate=True)
    except (binascii.Error, ValueError):
        raise DecisionError("The attachment's data is no base64.") from None


def _charset(parameters: str, data: bytes) -> str:
    named = parameters.partition("charset=")[2].split(";")[0].strip("\"' ")
    if not named and (declared := _DECLARED.match(data)):
        named = declared[1].decode("ascii")
    if not named:
        marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        return "utf-16" if data.startswith(marks) else "utf-8"
    try:
        known = codecs.lookup(named).name
    except LookupError:
        known = ""
    if known not in _CHARSETS:
        raise DecisionError(f"The charset may be {', '.join(sorted(_CHARSETS))}.")
    return known


def _decoded(data: bytes, charset: str) -> str:
    try:
        # A byte order mark is no character of the text.
        return data.decode("utf-8-sig" if charset == "utf-8" else charset).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DecisionError(f"The data is not {charset} at byte {error.start}.") from None
