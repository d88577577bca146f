"""Heads of the log, kept in a file apart from the database: without one no cut can be seen."""

from __future__ import annotations

import json
import os
from io import FileIO
from pathlib import Path

from cac.errors import InputError
from serve.log.verify import Head

NAME = "log-heads.jsonl"
"""The file beside the keys."""


def add_head(path: Path, head: Head, *, at: str) -> None:
    """Write one more head, and leave it on disk, whatever a writer before left half done.

    Raises:
        OSError: nothing can be written there.
    """
    line = json.dumps({"seq": head.seq, "mac": head.mac, "at": at}) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "rb+", buffering=0) as file:
        # Who was killed while writing left half a line: this one must not become a part of it.
        begun = _ends_within_a_line(file)
        file.write(("\n" + line if begun else line).encode())
        os.fsync(file.fileno())
    if is_new:
        _sync_folder(path.parent)


def read_heads(path: Path) -> list[Head]:
    """Return the heads of a file; lines that were cut off while they were written do not count.

    Raises:
        InputError: a line is no head.
    """
    lines = path.read_text("utf-8", errors="replace").split("\n")
    heads = []
    for number, line in enumerate(lines, start=1):
        if not line or (line.startswith("{") and not line.endswith("}")):
            continue
        try:
            record = json.loads(line)
            heads.append(Head(int(record["seq"]), str(record["mac"]), f"{path.name}:{number}"))
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f"{path}: line {number} is no head of a log; `cac log head` writes them."
            ) from None
    return heads


def _ends_within_a_line(file: FileIO) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _sync_folder(folder: Path) -> None:
    """Leave the name of a new file on disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
