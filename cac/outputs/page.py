"""One self-contained HTML page: each note with its evidence marked, beside its codes.

Pieces of one mention are marked alike, joined by an ellipsis and numbered once, after the last.
No script and nothing fetched: links between code and evidence are plain anchors, and the
page's policy allows its one style sheet by checksum and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib.resources import files

from cac.coding import CodingResult, Suggestion
from cac.note import Note, Section, Span
from cac.outputs.marking import Mark, Segment, marks_by_mention, marks_of, printable, segments
from cac.outputs.sink import Sink
from cac.outputs.wording import readable, versions_line

Outline = Callable[[Note], Sequence[Section]]
"""Gives the sections of a note, for the outline above its text."""

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{hash}'; \
base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Suggested codes</title>
<style>{css}</style>
</head>
<body>
"""


class HtmlWriter:
    """Writes one page for all notes; the list of notes comes last and is shown first."""

    def __init__(self, sink: Sink, *, outline: Outline, include_rejected: bool) -> None:
        self._sink = sink
        self._outline = outline
        self._include_rejected = include_rejected
        self._note_ids: list[str] = []
        css = files("cac.outputs").joinpath("page.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        sink.write(_HEAD.format(hash=f"sha256-{digest}", css=css))

    def write(self, note: Note, result: CodingResult) -> None:
        """Write the article of one note."""
        self._note_ids.append(note.note_id)
        article = _Article(
            f"n{len(self._note_ids)}-", note, result, self._outline(note), self._include_rejected
        )
        self._sink.write(article.html())

    def close(self) -> None:
        """Write the list of notes and close the page."""
        items = "".join(
            f'<li><a href="#n{number}-">{_text(note_id)}</a></li>'
            for number, note_id in enumerate(self._note_ids, 1)
        )
        title = f"{len(self._note_ids)} notes with suggested codes"
        self._sink.write(
            f'<nav class="contents"><strong>{title}</strong>: for a coder to accept, reject or '
            f"replace.<ol>{items}</ol></nav>\n</body>\n</html>\n"
        )
        self._sink.close()


class _Article:
    """The HTML of one note; ``prefix`` starts all its anchors."""

    def __init__(
        self,
        prefix: str,
        note: Note,
        result: CodingResult,
        sections: Sequence[Section],
        include_rejected: bool,
    ) -> None:
        self._prefix = prefix
        self._note = note
        self._result = result
        self._sections = [s for s in sections if len(s.title)]
        self._rejected = result.rejected if include_rejected else ()
        self._marks = marks_of(result.suggestions, "s") + marks_of(self._rejected, "r")

    def html(self) -> str:
        return (
            f'<article id="{self._prefix}">\n<h2>{_text(self._note.note_id)}</h2>\n'
            f'<p class="versions">{_text(versions_line(self._note, self._result))}</p>\n'
            f'<div class="columns">\n<div>{self._outline()}<div class="note">{self._body()}</div>'
            f'</div>\n<div class="answers">{self._answers()}</div>\n</div>\n</article>\n'
        )

    def _outline(self) -> str:
        links = []
        last = ""
        for number, section in enumerate(self._sections):
            if section.category != last:
                name = _text(readable(section.category))
                links.append(f'<a href="#{self._prefix}h{number}">{name}</a>')
            last = section.category
        return f'<nav class="outline">{" ".join(links)}</nav>' if links else ""

    def _body(self) -> str:
        headers = {s.title.start: number for number, s in enumerate(self._sections)}
        pieces = []
        for segment in segments(len(self._note.text), self._marks, headers):
            if (number := headers.get(segment.span.start)) is not None:
                pieces.append(f'<a id="{self._prefix}h{number}"></a>')
            pieces.append(self._segment(segment))
        return "".join(pieces)

    def _segment(self, segment: Segment) -> str:
        span = segment.span
        html = _text(self._note.text[span.start : span.end])
        for mark in reversed(segment.marks):
            html = f"<mark{self._mark_id(mark, segment)} {_mark_class(mark, span)}>{html}</mark>"
        ending = [mark for mark in segment.marks if mark.span.end == span.end and not mark.goes_on]
        return html + "".join(self._reference(mark) for mark in ending)

    def _mark_id(self, mark: Mark, segment: Segment) -> str:
        starts = mark.span.start == segment.span.start
        return f' id="{self._prefix}{mark.anchor}"' if starts else ""

    def _reference(self, mark: Mark) -> str:
        # The number is drawn by the style sheet: copied text stays the note's own.
        label = f"{mark.suggestion.code.value} {mark.suggestion.description}"
        return (
            f'<a class="ref" href="#{self._prefix}{mark.owner}" title="{_text(label)}" '
            f'data-rank="{mark.owner.removeprefix("s")}"></a>'
        )

    def _answers(self) -> str:
        cards = self._cards(self._result.suggestions, "s")
        if not self._result.suggestions:
            cards = "<p>No code is suggested.</p>"
        if not self._rejected:
            return cards
        return (
            f"{cards}<details><summary>{len(self._rejected)} found but not suggested</summary>"
            f"{self._cards(self._rejected, 'r')}</details>"
        )

    def _cards(self, suggestions: Iterable[Suggestion], prefix: str) -> str:
        cards = (self._card(s, f"{prefix}{number}") for number, s in enumerate(suggestions, 1))
        return f"<ol>{''.join(cards)}</ol>"

    def _card(self, suggestion: Suggestion, owner: str) -> str:
        evidence = "".join(self._mention(marks) for marks in marks_by_mention(suggestion, owner))
        concerns = "".join(
            f'<p class="concern">{_text(c.message)}</p>' for c in suggestion.concerns
        )
        number = f"{suggestion.rank}. " if owner.startswith("s") else ""
        return (
            f'<li class="suggestion" id="{self._prefix}{owner}"><h3>{number}'
            f"<code>{_text(suggestion.code.value)}</code> {_text(suggestion.description)}</h3>"
            f"{self._standing(suggestion)}<ul>{evidence}</ul>{concerns}</li>"
        )

    def _mention(self, marks: Sequence[Mark]) -> str:
        first = marks[0].evidence
        links = (f'<a href="#{self._prefix}{m.anchor}">{_text(m.evidence.text)}</a>' for m in marks)
        return (
            f'<li>{" … ".join(links)} <span class="where">{_text(readable(first.section))}, '
            f"{readable(first.assertion.value.lower())}</span></li>"
        )

    def _standing(self, suggestion: Suggestion) -> str:
        if suggestion.rejected_because:
            return f'<p class="where">{_text(suggestion.rejected_because)}</p>'
        p = min(max(suggestion.probability, 0.0), 1.0)
        band = f" · {suggestion.band.value}" if suggestion.band else ""
        return (
            f'<p class="probability">{_text(suggestion.code.system.value)} '
            f'<meter min="0" max="1" value="{p:.3f}"></meter> {p:.2f}{band}</p>'
        )


def _mark_class(mark: Mark, segment: Span) -> str:
    said = [mark.evidence.assertion.value.lower()]
    said += ["rejected"] if mark.owner.startswith("r") else []
    said += ["part"] if mark.is_part else []
    said += ["goes-on"] if mark.goes_on and mark.span.end == segment.end else []
    return f'class="{" ".join(said)}"'


def _text(text: str) -> str:
    return escape(printable(text), quote=True)
