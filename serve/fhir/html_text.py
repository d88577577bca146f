"""HTML to text with offsets.

The fast parsers tell no places, and the standard library's takes minutes for 100 KB of unclosed
tags. This reads tags, comments and references as the HTML standard does, each character once; the
tests hold it to what selectolax reads.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from itertools import takewhile

from serve.fhir.extracted import Extracted, TextBuilder

_LINES = frozenset(
    "address article aside blockquote body br caption dd div dl dt fieldset figcaption footer form"
    " h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody tfoot thead tr"
    " ul".split()
)
_CELLS = frozenset(["td", "th"])
_UNSEEN = frozenset("head template noscript svg math object".split())
_RAW = frozenset("script style title textarea iframe".split())
"""Nothing but its own end tag ends one of these."""

_TEXT = re.compile(r"[^<&]++")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)(?:[^>\"']|\"[^\"]*+\"|'[^']*+')*+>")
_MARKUP = re.compile(r"</?[A-Za-z]|<[!?/]")


def html_text(source: str) -> Extracted:
    """Return what a browser would show; scripts and styles are no text."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._built = TextBuilder()
        self._unseen: list[str] = []
        self._n_open: Counter[str] = Counter()

    def read(self) -> Extracted:
        """Read on until the end, or to where a tag or a comment is not closed, as browsers do."""
        while self._at < len(self._source):
            start = self._at
            if self._source[start] == "<" and _MARKUP.match(self._source, start):
                self._at = self._after_markup(start)
            elif self._source[start] == "&":
                self._at = self._after_reference(start)
            else:
                found = _TEXT.match(self._source, start)
                self._at = found.end() if found else start + 1
                if not self._unseen:
                    self._built.add(self._source[start : self._at], start)
        return self._built.extracted()

    def _after_reference(self, start: int) -> int:
        found = _REFERENCE.match(self._source, start)
        written = found.group() if found else "&"
        if not self._unseen:
            self._add_reference(written, start)
        return start + len(written)

    def _add_reference(self, written: str, start: int) -> None:
        end = start + len(written)
        meant = unescape(written)
        if meant == written:
            self._built.add(written, start)
            return
        # Of "&copyright" the beginning is the reference, and what follows stands for itself.
        pairs = zip(reversed(meant[1:]), reversed(written[1:]), strict=False)
        n_after = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        n_after *= not written.endswith(";")
        self._built.add_one(meant[: len(meant) - n_after], start, end - n_after)
        self._built.add(written[len(written) - n_after :], end - n_after)

    def _after_markup(self, start: int) -> int:
        if self._source.startswith("<!--", start):
            return self._after("-->", start + 4)
        tag = _TAG.match(self._source, start)
        if tag is None:
            is_tag = self._source[start + 1 : start + 3].lstrip("/")[:1].isalpha()
            return len(self._source) if is_tag else self._after(">", start)
        self._take(tag[2].lower(), start, ends=bool(tag[1]))
        if not tag[1] and tag[2].lower() in _RAW:
            return self._after_raw(tag[2], tag.end())
        return tag.end()

    def _after(self, mark: str, start: int) -> int:
        found = self._source.find(mark, start)
        return found + len(mark) if found >= 0 else len(self._source)

    def _after_raw(self, name: str, start: int) -> int:
        end = re.compile(rf"</{re.escape(name)}[\s/>]", re.IGNORECASE)
        found = end.search(self._source, start)
        return found.start() if found else len(self._source)

    def _take(self, name: str, place: int, *, ends: bool) -> None:
        if name in _UNSEEN and not ends:
            self._unseen.append(name)
            self._n_open[name] += 1
        elif ends and self._n_open[name]:
            while (closed := self._unseen.pop()) != name:
                self._n_open[closed] -= 1
            self._n_open[name] -= 1
        if name in _LINES:
            self._built.end_line(place)
        elif name in _CELLS:
            self._built.end_cell(place)
