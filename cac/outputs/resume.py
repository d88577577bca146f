"""What an interrupted run has already written, and whether a new run may go on with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cac.errors import SettingsError
from cac.outputs.sink import OutputError

_KEYS = ("note_id", "model_version", "code_set_versions", "convention", "calibrated", "options")


class EarlierOutput:
    """The notes in a file of JSON lines, and the first line, which later ones must be like.

    A last line that was cut off is completed, if only its line end is missing, or removed.

    Raises:
        OutputError: The file holds something else, or may not be read or mended.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: dict[str, Any] = {}
        self.note_ids: set[str] = set()
        try:
            if path.exists():
                self._read()
        except OSError as error:
            raise OutputError(f"Cannot resume {path}: {error.strerror}.") from None

    def _read(self) -> None:
        whole = 0
        with self._path.open("r+b") as stream:
            for number, raw in enumerate(stream, 1):
                torn = not raw.endswith(b"\n")
                record = _record(raw)
                if record is None and not torn:
                    raise OutputError(
                        f"Cannot resume {self._path}: line {number} is no answer of this "
                        "program. Choose another --output, or leave out --resume."
                    )
                if record is None:
                    stream.truncate(whole)
                    return
                self._first = self._first or record
                self.note_ids.add(record["note_id"])
                whole += len(raw)
                if torn:
                    stream.write(b"\n")
                    return

    def require_options(self, options: Mapping[str, object]) -> None:
        """Raise SettingsError where this run was asked something else."""
        if self._first and (found := self._first["options"]) != options:
            changed = sorted(k for k in options | found if options.get(k) != found.get(k))
            raise self._refusal(", ".join(f"--{name.replace('_', '-')}" for name in changed))

    def require_versions(self, record: Mapping[str, Any]) -> None:
        """Raise SettingsError where this run rests on other versions than the first line.

        Code-set versions follow a note's date of service, so they are compared only on the
        note of the first line itself; see ``is_first``.
        """
        if not self._first:
            return
        keys = ["model_version", "convention", "calibrated"]
        if self.is_first(record["note_id"]):
            keys.append("code_set_versions")
        changed = [key for key in keys if record[key] != self._first[key]]
        if changed:
            raise self._refusal(", ".join(key.replace("_", " ") for key in changed))

    def is_first(self, note_id: str) -> bool:
        """Tell whether this is the note of the first line."""
        return bool(self._first) and self._first["note_id"] == note_id

    def _refusal(self, changed: str) -> SettingsError:
        return SettingsError(
            f"Cannot resume {self._path}: it was written with another {changed}. Use the same "
            "ones, or another --output."
        )


def _record(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    whole = isinstance(found, dict) and all(key in found for key in _KEYS)
    return found if whole and isinstance(found["options"], dict) else None
