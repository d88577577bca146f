"""Compiled code sets in the user's cache folder: plain text, checked, replaced by rename.

``CAC_CACHE`` names the folder; without it ``$XDG_CACHE_HOME/cac`` or ``~/.cache/cac``.
Where the folder cannot be written everything still works, from memory.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cac import __version__

FORMAT = 6


def cache_folder() -> Path:
    """Return the folder of compiled code sets (it may not exist yet)."""
    if named := os.environ.get("CAC_CACHE"):
        return Path(named) / "codes"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cac" / "codes"


def cached(name: str, sources: list[Path], build: Callable[[], str], *, extra: str = "") -> str:
    """Return the text that ``build`` makes, from the cache where the sources are unchanged.

    The key holds each source's path, size and time of change, and ``extra``. A damaged
    file counts as absent.
    """
    path = cache_folder() / f"{name}-{_key(sources, extra)}.txt"
    if (text := _read(path)) is not None:
        return text
    with _without_collector():
        text = build()
    with suppress(OSError):
        write_atomically(path, _sealed(text))
        _remove_older(path, name)
    return text


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the cycle collector: the tree's many small objects hold no cycle to be found."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _key(sources: list[Path], extra: str) -> str:
    stats = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in sources]
    return hashlib.sha256(json.dumps([FORMAT, __version__, stats, extra]).encode()).hexdigest()[:16]


def _sealed(text: str) -> bytes:
    body = text.encode()
    return f"{zlib.crc32(body):08x} {len(body)}\n".encode() + body


def _read(path: Path) -> str | None:
    try:
        head, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if head != f"{zlib.crc32(body):08x} {len(body)}".encode():
        return None
    return body.decode()


def _remove_older(path: Path, name: str) -> None:
    for other in path.parent.glob(f"{name}-{'?' * 16}.txt"):
        if other != path:
            other.unlink(missing_ok=True)
