"""Compiled package data: gzip of a JSON header line and tab-separated rows.

The header names the release and every source with its SHA-256. The bytes depend on the
content alone, so that two builds from the same sources are equal.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

from cac.errors import CodeSetError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A file that something was compiled from."""

    name: str
    release: str
    publisher: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Packed:
    """One compiled file: what it holds, from what, and its rows of text fields."""

    name: str
    release: str
    sources: tuple[Source, ...]
    rows: tuple[tuple[str, ...], ...]


def pack(packed: Packed) -> bytes:
    """Return the bytes of a compiled file."""
    header = {
        "format": FORMAT,
        "name": packed.name,
        "release": packed.release,
        "rows": len(packed.rows),
        "sources": [asdict(source) for source in packed.sources],
    }
    lines = [json.dumps(header, ensure_ascii=False, sort_keys=True)]
    lines += ["\t".join(row) for row in packed.rows]
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=9, mtime=0) as stream:
        stream.write("\n".join(lines).encode())
    return out.getvalue()


def unpack(data: bytes, origin: str) -> Packed:
    """Read a compiled file; ``origin`` names it in errors.

    Raises:
        CodeSetError: the file is damaged or of another format.

    """
    try:
        first, *lines = gzip.decompress(data).decode().split("\n")
        header = json.loads(first)
        sources = tuple(Source(**source) for source in header["sources"])
        known = header["format"] == FORMAT and header["rows"] == len(lines)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise CodeSetError(f"{origin} is damaged ({error}); install cac again.") from error
    if not known:
        raise CodeSetError(
            f"{origin} has format {header['format']} and {len(lines)} rows; expected are format"
            f" {FORMAT} and {header['rows']} rows. Install cac again."
        )
    rows = tuple(tuple(line.split("\t")) for line in lines)
    return Packed(header["name"], header["release"], sources, rows)


def shipped(name: str) -> Packed:
    """Read the compiled file ``name`` that ships with the package."""
    data = resources.files("cac.codes").joinpath("data", f"{name}.gz").read_bytes()
    return unpack(data, f"package data {name}.gz")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def rows_of(lines: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return rows with tabs and line ends made spaces, so that they can be packed."""
    return tuple(tuple(" ".join(cell.split()) for cell in line) for line in lines)
