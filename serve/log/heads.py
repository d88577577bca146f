"""Heads of the log, kept in a file apart from the database: without one no cut can be seen."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cac.errors import InputError
from serve.log.verify import Head

NAME = "log-heads.jsonl"
"""The file beside the keys."""


def add_head(path: Path, head: Head, *, at: str) -> None:
    """Write one more head, and leave it on disk."""
    line = json.dumps({"seq": head.seq, "mac": head.mac, "at": at})
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_heads(path: Path) -> list[Head]:
    """Return the heads of a file; a last line that was cut off does not count.

    Raises:
        InputError: a line is no head.
    """
    lines = path.read_text("utf-8").split("\n")
    whole = lines[:-1]
    heads = []
    for number, line in enumerate(whole, start=1):
        try:
            record = json.loads(line)
            heads.append(Head(int(record["seq"]), str(record["mac"]), f"{path.name}:{number}"))
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f"{path}: line {number} is no head of a log; `cac log head` writes them."
            ) from None
    return heads
