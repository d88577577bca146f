"""Bytes to text: UTF-8 and nothing else, with the byte at which it ends to be that."""

from __future__ import annotations

import codecs

from cac.errors import InputError

# Longer marks first: UTF-32 in little-endian order starts with the mark of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_FORMATS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{\\rtf", "an RTF document"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
)
_MEND = "Notes are plain UTF-8 text"


def decode(data: bytes, *, offset: int = 0) -> str:
    """Decode UTF-8, without its byte-order mark; ``offset`` is where ``data`` starts in its file.

    Raises:
        InputError: The bytes are in another encoding, or no text at all.
    """
    refuse_other_formats(data)
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        raise InputError(bad_byte(data[start], offset + start)) from None
    return text


def refuse_other_formats(head: bytes) -> None:
    """Raise InputError where the first bytes of a file say that it is no UTF-8 text."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            raise InputError(
                f"the encoding is {name} (byte-order mark at byte offset 0). {_MEND}: "
                f"`iconv -f {name} -t UTF-8` converts it."
            )
    for magic, name in _FORMATS:
        if head.startswith(magic):
            raise InputError(f"this is {name}, by its first bytes. {_MEND}: extract the text.")


def bad_byte(byte: int, offset: int) -> str:
    """Say that one byte of a file is not UTF-8."""
    return (
        f"byte 0x{byte:02X} at byte offset {offset} is not UTF-8. {_MEND}: if the file is in "
        "Latin-1 or Windows-1252, `iconv -f WINDOWS-1252 -t UTF-8` converts it; if it is "
        "binary, extract the text."
    )
