"""Text taken out of markup, with the place in the source of each of its characters."""

from __future__ import annotations

from dataclasses import dataclass

from cac.note import Span


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text, and where it stands; without ``starts`` the text is the source itself.

    ``starts[i]`` and ``ends[i]`` are the characters of the source that character ``i`` of the text
    is from: several for an entity, none (both alike) for a break that only the markup tells.
    """

    text: str
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def source_span(self, span: Span) -> Span:
        """Return the characters of the source that a span of the text covers."""
        if not self.starts:
            return span
        return Span(self.starts[span.start], self.ends[span.end - 1])


class TextBuilder:
    """Joins runs of characters as a browser shows them: white space is one space, blocks lines.

    While ``keeps_space`` is set, white space is kept as it is, as in ``<pre>``.
    """

    def __init__(self) -> None:
        self.keeps_space = False
        self._text: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._gap: tuple[str, int, int] | None = None

    def add(self, run: str, start: int) -> None:
        """Add characters that stand in the source as they are, from ``start`` on."""
        for place, character in enumerate(run, start):
            self.add_one(character, place, place + 1)

    def add_one(self, text: str, start: int, end: int) -> None:
        """Add what the source writes in the characters ``start`` to ``end``, as an entity does."""
        for character in text:
            if character == "\r" and self.keeps_space:
                continue  # the line feed after it ends the line
            if character.isspace() and character != "\u00a0" and not self.keeps_space:
                self._open_gap(" ", start, end)
            else:
                self._close_gap()
                self._put(" " if character == "\u00a0" else character, start, end)

    def end_line(self, place: int) -> None:
        """Begin a new line at a tag, unless one has begun."""
        self._open_gap("\n", place, place)

    def end_cell(self, place: int) -> None:
        """Part two cells of a table."""
        self._open_gap("\t", place, place)

    def extracted(self) -> Extracted:
        """Return the text; a gap at its end is left out."""
        return Extracted("".join(self._text), tuple(self._starts), tuple(self._ends))

    def _open_gap(self, gap: str, start: int, end: int) -> None:
        if self._gap is None:
            self._gap = (gap, start, end)
        elif _WIDTH[gap] > _WIDTH[self._gap[0]]:
            self._gap = (gap, *self._gap[1:])

    def _close_gap(self) -> None:
        if self._gap and self._text:
            self._put(*self._gap)
        self._gap = None

    def _put(self, character: str, start: int, end: int) -> None:
        self._text.append(character)
        self._starts.append(start)
        self._ends.append(end)


_WIDTH = {" ": 0, "\t": 1, "\n": 2}
