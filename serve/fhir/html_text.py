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
    " h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section table tbody tfoot thead"
    " tr ul".split()
)
_CELLS = frozenset(["td", "th"])
_UNSEEN = frozenset("head template noscript svg math object".split())
_RAW = frozenset("script style title textarea iframe".split())
"""Nothing but its own end tag ends one of these."""
_FOREIGN = frozenset(["svg", "math"])
"""These may close themselves; an element of HTML may not."""
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_KEPT = re.compile(
    r"""\bstyle\s*=\s*(?:"[^"]*|'[^']*)\bwhite-space\s*:\s*(?:pre|break-spaces)""", re.IGNORECASE
)

_FIRST_BREAK = re.compile(r"\r?\n")
_TEXT = re.compile(r"[^<&]++")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)(?:[^>\"']|\"[^\"]*+\"|'[^']*+')*+>")
_MARKUP = re.compile(r"</?[A-Za-z]|<[!?/]")


def html_text(source: str, *, is_xml: bool = False) -> Extracted:
    """Return what a browser would show; scripts and styles are no text.

    Args:
        source: The page.
        is_xml: XHTML, in which any element may close itself.
    """
    return _Reader(source, is_xml=is_xml).read()


class _Reader:
    def __init__(self, source: str, *, is_xml: bool) -> None:
        self._source = source
        self._is_xml = is_xml
        self._at = 0
        self._built = TextBuilder()
        self._unseen: list[str] = []
        self._n_open: Counter[str] = Counter()
        self._keeper = ""
        self._n_keepers = 0

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
        name, ends = tag[2].lower(), bool(tag[1])
        closes_itself = tag[0].endswith("/>") and (self._is_xml or name in _FOREIGN)
        self._take(name, start, ends=ends, closes_itself=closes_itself)
        if ends:
            self._end_keeping(name)
        if ends or closes_itself:
            return tag.end()
        if name in _RAW:
            return self._after_raw(tag[2], tag.end())
        return self._after_keeper(name, tag[0], tag.end())

    def _after_keeper(self, name: str, tag: str, end: int) -> int:
        """Keep white space within ``<pre>``, and where a style says so; return where it begins."""
        if self._keeper:
            self._n_keepers += name == self._keeper
        elif name == "pre" or (name not in _VOID and _KEPT.search(tag)):
            self._keeper, self._n_keepers = name, 1
            self._built.keeps_space = True
        if name != "pre":
            return end
        break_ = _FIRST_BREAK.match(self._source, end)  # browsers leave it out
        return break_.end() if break_ else end

    def _end_keeping(self, name: str) -> None:
        self._n_keepers -= name == self._keeper
        if not self._n_keepers:
            self._keeper, self._built.keeps_space = "", False

    def _after(self, mark: str, start: int) -> int:
        found = self._source.find(mark, start)
        return found + len(mark) if found >= 0 else len(self._source)

    def _after_raw(self, name: str, start: int) -> int:
        end = re.compile(rf"</{re.escape(name)}[\s/>]", re.IGNORECASE)
        found = end.search(self._source, start)
        return found.start() if found else len(self._source)

    def _take(self, name: str, place: int, *, ends: bool, closes_itself: bool) -> None:
        if name in _UNSEEN and not ends and not closes_itself:
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
