"""Answers for a person at a terminal: each code with its evidence highlighted in context."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from cac.coding import CodingResult, Evidence, Suggestion
from cac.note import Note
from cac.outputs.marking import printable
from cac.outputs.sink import Sink
from cac.outputs.wording import readable, versions_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_N_MENTIONS = 3
_PLAIN_WIDTH = 100
_OTHER_COLUMNS = 22
_MIN_MARGIN = 20
_STYLES = {"PRESENT": "bold black on yellow", "POSSIBLE": "bold black on bright_blue"}
_OTHER_STYLE = "bold black on white"


class TableWriter:
    """Writes one table a note: as wide as the terminal and in its colours, plain elsewhere."""

    def __init__(self, sink: Sink, *, include_rejected: bool) -> None:
        from rich.console import Console

        self._sink = sink
        self._include_rejected = include_rejected
        self._console = Console(
            file=io.StringIO(),
            force_terminal=sink.is_terminal,
            width=get_terminal_size().columns if sink.is_terminal else _PLAIN_WIDTH,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def write(self, note: Note, result: CodingResult) -> None:
        """Write the table of one note."""
        with self._console.capture() as captured:
            self._print_note(note, result)
        self._sink.write(captured.get())

    def close(self) -> None:
        """Close the file."""
        self._sink.close()

    def _print_note(self, note: Note, result: CodingResult) -> None:
        from rich.text import Text

        self._console.print(Text(printable(note.note_id), style="bold"))
        self._console.print(Text(printable(versions_line(note, result)), style="dim"))
        if result.suggestions:
            self._print(note, result.suggestions, "prob.")
        else:
            self._console.print("No code is suggested.")
        if self._include_rejected and result.rejected:
            self._console.print("Found but not suggested:", style="bold")
            self._print(note, result.rejected, "")
        self._console.print()

    def _print(self, note: Note, suggestions: Iterable[Suggestion], header: str) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("code", no_wrap=True, style="bold")
        table.add_column("title, evidence, concerns", ratio=1, overflow="fold")
        table.add_column(header, justify="right", width=5 if header else 1)
        # The third column, less an indent, brackets and ellipses.
        room = self._console.width - _OTHER_COLUMNS - 6
        for s in suggestions:
            rank = "" if s.rejected_because else str(s.rank)
            probability = "" if s.rejected_because else f"{s.probability:.2f}"
            table.add_row(rank, s.code.value, self._details(note, s, room), probability)
        self._console.print(table)

    def _details(self, note: Note, suggestion: Suggestion, room: int) -> RenderableType:
        from rich.console import Group
        from rich.padding import Padding
        from rich.text import Text

        mentions = suggestion.mentions
        lines = [_quotation(note, pieces, room) for pieces in mentions[:_N_MENTIONS]]
        if (more := len(mentions) - _N_MENTIONS) > 0:
            lines.append(Text(f"and {more} more", style="dim"))
        if suggestion.band:
            lines.append(Text(f"band: {suggestion.band.value}", style="dim"))
        if suggestion.rejected_because:
            lines.append(Text(f"not suggested: {suggestion.rejected_because}", style="dim"))
        lines += [Text(f"! {concern.message}", style="yellow") for concern in suggestion.concerns]
        indented = (Padding(line, (0, 0, 0, 2)) for line in lines)
        return Group(Text(suggestion.description), *indented)


def _quotation(note: Note, pieces: Sequence[Evidence], room: int) -> Text:
    """Return a mention highlighted and in brackets, with the words around it that fit."""
    from rich.text import Text

    first, last = pieces[0], pieces[-1]
    assertion = readable(first.assertion.value.lower())
    said = "" if assertion == "present" else f", {assertion}"
    label = f"  ({readable(first.section)}{said})"
    style = _STYLES.get(first.assertion.value, _OTHER_STYLE)
    between = [_between(note.text[a.span.end : b.span.start]) for a, b in pairwise(pieces)]
    taken = sum(len(e.span) for e in pieces) + len("".join(between)) + len(label)
    margin = max((room - taken) // 2, _MIN_MARGIN)
    line = Text()
    line.append(_before(note.text, first.span.start, margin), style="dim")
    for evidence, gap in zip(pieces, ["", *between], strict=True):
        line.append(gap, style="dim")
        line.append(f"[{_flat(note.text[evidence.span.start : evidence.span.end])}]", style=style)
    line.append(_after(note.text, last.span.end, margin), style="dim")
    line.append(label, style="italic")
    return line


def _between(text: str) -> str:
    """Return what stands between two pieces of a mention, an ellipsis where it is long."""
    return _flat(text) if len(text) <= _MIN_MARGIN else " … "


def _before(text: str, end: int, margin: int) -> str:
    """Return the whole words that end at ``end`` and fit in the margin."""
    if end <= margin:
        return _flat(text[:end])
    _, space, words = _flat(text[end - margin : end]).partition(" ")
    return f"…{words if space else ''}"


def _after(text: str, start: int, margin: int) -> str:
    """Return the whole words that start at ``start`` and fit in the margin."""
    if start + margin >= len(text):
        return _flat(text[start:])
    words, space, _ = _flat(text[start : start + margin]).rpartition(" ")
    return f"{words if space else ''}…"


def _flat(text: str) -> str:
    """Return the text on one line, its blanks run together."""
    return re.sub(r"\s+", " ", printable(text))
