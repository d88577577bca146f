"""An attachment's bytes to text, by its content type."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any

from serve.errors import DecisionError
from serve.fhir.cda_text import cda_text
from serve.fhir.extracted import Extracted
from serve.fhir.html_text import html_text

_XML = frozenset(
    ["text/xml", "application/xml", "application/hl7-cda+xml", "application/cda+xml", "text/cda"]
)
_XHTML = "application/xhtml+xml"
_HTML = frozenset(["text/html", _XHTML])
_NAMED = frozenset(
    ["application/pdf", "application/rtf", "text/rtf", "image/tiff", "image/jpeg", "image/png"]
)
"""Kinds that documents often have, and that may stand in an error as they were sent."""
KINDS = ("text/plain", *sorted(_HTML), *sorted(_XML))
_CHARSETS = frozenset(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "cp1252", "ascii"])
_DECLARED = re.compile(rb'^\s*<\?xml[^>]{0,200}\bencoding=["\']([A-Za-z0-9._-]{1,20})["\']')

_META = re.compile(
    rb"<meta\b[^>]{0,200}\bcharset\s*=\s*[\"']?([A-Za-z0-9._-]{1,20})", re.IGNORECASE
)
_META_WITHIN = 1024
"""Bytes in which a page must tell its charset."""


def attachment_text(attachment: Mapping[str, Any]) -> Extracted:
    """Return the text of an attachment that holds its data.

    Raises:
        DecisionError: no data, an unknown kind or charset, or bytes that are not what they say.
    """
    kind, parameters = _kind(attachment)
    if kind not in KINDS:
        found = f"{kind} is not read; send its text. " if kind in _NAMED else ""
        raise DecisionError(f"{found}contentType may be {', '.join(KINDS)}.")
    data = _data(attachment)
    source = _decoded(data, _charset(parameters, data, is_html=kind in _HTML))
    if kind in _HTML:
        return html_text(source, is_xml=kind == _XHTML)
    return cda_text(source) if kind in _XML else Extracted(source)


def is_readable(attachment: Mapping[str, Any]) -> bool:
    """Tell whether an attachment holds data of a kind that is read here."""
    return bool(attachment.get("data")) and _kind(attachment)[0] in KINDS


def require_base64(resource: object) -> None:
    """Raise DecisionError where ``data`` is no base64: the models leave out what they cannot read.

    Args:
        resource: As it came, before any model has read it.
    """
    for data in _sent_data(resource):
        _bytes(data)


def _sent_data(value: object, name: str = "") -> Iterator[str]:
    """Yield the data of attachments and of Binary resources."""
    if isinstance(value, list):
        for each in value:
            yield from _sent_data(each, name)
    elif isinstance(value, dict):
        holds = name == "attachment" or value.get("resourceType") == "Binary"
        if holds and isinstance(value.get("data"), str):
            yield value["data"]
        for key, each in value.items():
            yield from _sent_data(each, key)


def _kind(attachment: Mapping[str, Any]) -> tuple[str, str]:
    kind, _, parameters = str(attachment.get("contentType") or "text/plain").partition(";")
    return kind.strip().lower(), parameters


def _data(attachment: Mapping[str, Any]) -> bytes:
    data = attachment.get("data")
    if not data:
        raise DecisionError(
            "The attachment has no data. What a url names is not fetched: send it as data, or as "
            "a Binary of the same Bundle."
        )
    return _bytes(str(data))


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise DecisionError("The attachment's data is no base64.") from None


def _charset(parameters: str, data: bytes, *, is_html: bool) -> str:
    named = parameters.lower().partition("charset=")[2].split(";")[0].strip("\"' ")
    found = _META.search(data, 0, _META_WITHIN) if is_html else None
    if not named and (declared := _DECLARED.match(data) or found):
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
    # By the HTML standard the label means this: quotes of a word processor are often in it.
    return "cp1252" if is_html and known in ("iso8859-1", "ascii") else known


def _decoded(data: bytes, charset: str) -> str:
    try:
        # A byte order mark is no character of the text.
        return data.decode("utf-8-sig" if charset == "utf-8" else charset).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DecisionError(f"The data is not {charset} at byte {error.start}.") from None
