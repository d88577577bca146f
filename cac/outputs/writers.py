"""The writer of each form, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cac.note import Note, Section
from cac.outputs import ResultWriter
from cac.outputs.sink import Sink

FORMATS = ("table", "jsonl", "html", "csv")


def open_writer(
    form: str,
    path: Path | None,
    *,
    options: Mapping[str, object],
    outline: Callable[[Note], Sequence[Section]],
    include_rejected: bool = False,
    append: bool = False,
) -> ResultWriter:
    """Open the output and return its writer.

    Args:
        form: One of ``FORMATS``.
        path: The file to write; None for standard output.
        options: What was asked, for the JSON lines.
        outline: Gives the sections of a note, for the HTML page.
        include_rejected: List what was found but not suggested as well.
        append: Go on with the file.
    """
    sink = Sink(path, append=append)
    if form == "jsonl":
        from cac.outputs.jsonl import JsonLinesWriter

        return JsonLinesWriter(sink, options=options, include_rejected=include_rejected)
    if form == "csv":
        from cac.outputs.csv_rows import CsvWriter

        return CsvWriter(sink, include_rejected=include_rejected)
    if form == "html":
        from cac.outputs.page import HtmlWriter

        return HtmlWriter(sink, outline=outline, include_rejected=include_rejected)
    from cac.outputs.table import TableWriter

    return TableWriter(sink, include_rejected=include_rejected)
