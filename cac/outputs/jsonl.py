"""JSON lines: one note a line, written whole and at once."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cac.coding import CodingResult
from cac.note import Note
from cac.outputs.records import result_record
from cac.outputs.sink import Sink


class JsonLinesWriter:
    """Writes the record of each result as one line of UTF-8."""

    def __init__(
        self, sink: Sink, *, options: Mapping[str, object], include_rejected: bool
    ) -> None:
        self._sink = sink
        self._options = options
        self._include_rejected = include_rejected

    def write(self, note: Note, result: CodingResult) -> None:  # noqa: ARG002
        """Write one line."""
        record = result_record(
            result, options=self._options, include_rejected=self._include_rejected
        )
        self._sink.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._sink.close()
