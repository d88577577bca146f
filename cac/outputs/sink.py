"""Where output goes: a file or standard output, flushed with every record."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO, cast

from cac.errors import CacError

_MENDS = {
    errno.ENOSPC: "Free some space, then run again (--resume goes on with JSON lines)",
    errno.EDQUOT: "Free some space, then run again (--resume goes on with JSON lines)",
    errno.EACCES: "Choose a folder that you may write to",
    errno.EPERM: "Choose a folder that you may write to",
    errno.EROFS: "Choose a folder that is not mounted read-only",
    errno.ENOENT: "Make its folder first",
    errno.ENOTDIR: "Make its folder first",
    errno.EISDIR: "Name a file in it",
}


class OutputError(CacError):
    """An output that cannot be written, or not to its end."""


class Sink:
    """Bytes to one file, or to standard output where ``path`` is None.

    Raises:
        OutputError: From every method, where the system refuses to write.
    """

    def __init__(self, path: Path | None, *, append: bool = False) -> None:
        self._path = path
        self.n_records = 0
        try:
            self._stream = self._open(append)
        except OSError as error:
            raise self._described(error) from None

    def _open(self, append: bool) -> BinaryIO:
        if self._path is None:
            return sys.stdout.buffer
        # Unbuffered: after a refusal nothing waits to be refused once more.
        return cast(BinaryIO, self._path.open("ab" if append else "wb", buffering=0))

    @property
    def is_terminal(self) -> bool:
        """Tell whether a person sees the output as it comes."""
        return self._path is None and self._stream.isatty()

    def write(self, text: str) -> None:
        """Write one record, whole, and flush it."""
        left = memoryview(text.encode("utf-8"))
        try:
            while left:
                left = left[self._stream.write(left) :]
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            if self._path is not None:
                self._stream.close()
            raise self._described(error) from None
        self.n_records += 1

    def close(self) -> None:
        """Close a file; standard output stays open."""
        if self._path is None:
            return
        try:
            self._stream.close()
        except OSError as error:
            raise self._described(error) from None

    def _described(self, error: OSError) -> OutputError:
        name = "standard output" if self._path is None else str(self._path)
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        mend = _MENDS.get(error.errno or 0, "Choose another --output")
        return OutputError(
            f"Cannot write {name}: {reason.lower()}, after {self.n_records} whole records. {mend}."
        )
