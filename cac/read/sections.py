"""Sections of a note: headers as they are really written.

A header stands at the start of a line (after a bullet, number or markdown sign), or after the
end of a sentence in a note without line ends, and is known to the rules, or looks like one
that the patterns know. A header word in mid-sentence opens nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cac.note import Section, Span
from cac.read.embolism import is_embolism
from cac.read.headers import MAX_HEADER_WORDS, HeaderLexicon
from cac.read.lines import Line, Lines

_MAX_TITLE = 70
_DELIMITER = re.compile(r"\s*(?::|\.?-{2,}|\s[-–—]\s|[-–—]\s|=+)")
_COLON = re.compile(r"[ \t]*(?:\*\*|__)?[ \t]?:(?:\*\*|__)?")
_INLINE = re.compile(r":(?=[\s,*]|$)")
_WORD = re.compile(r"[^\s:;,.!?]+")
_UPPER_RUN = re.compile(r"[A-ZÁÉÍÓÚÑ0-9][A-ZÁÉÍÓÚÑ0-9/&().,' -]*(?=\s)")
# "PROCEDURE: The patient was brought to" describes, "PROCEDURE: Appendectomy." names.
_NARRATIVE = re.compile(
    r"[\s,]*(?:(?:the|this) (?:patient|procedure|\w+ was)|after |under |through |with the patient"
    r"|informed consent|following |once |in the operating|an? [\w -]{3,40}incision)",
    re.IGNORECASE,
)
_IMAGING = re.compile(
    r"[\s,]*(?:\w+[ -]){0,3}?(?:ct|mri|mra|x-?rays?|ultrasound|mammogra\w+|pet|radiographs?"
    r"|sonogram|doppler|views?)\b",
    re.IGNORECASE,
)
_PEEK = 80
_MARKUP = "*_# \t"
# Inside these, bullets and numbers list content; they open a section only in capitals.
_CONTENT_LISTS = frozenset(
    {
        "assessment_and_plan",
        "assessment",
        "plan",
        "hospital_course",
        "problem_list",
        "discharge_diagnosis",
        "admission_diagnosis",
        "discharge_instructions",
        "follow_up",
        "past_medical_history",
        "review_of_systems",
        "physical_exam",
        "medications",
        "discharge_medications",
    }
)
_EXAM = frozenset({"physical_exam", "review_of_systems"})
# After these, "HEENT:" tells that the examination has begun without a header of its own.
_BEFORE_EXAM = frozenset(
    ["family_history", "social_history", "allergies", "medications", "immunizations", "vital_signs"]
)
# These assert something of all they hold, or hold little, so a header that is not known ends
# them too.
_NARROW = frozenset(
    {"family_history", "discharge_instructions", "patient_education", "allergies", "header"}
)


@dataclass(frozen=True, slots=True)
class _Header:
    category: str
    start: int
    end: int


class Sectionizer:
    """Finds the sections of a note with the header rules of one language."""

    def __init__(self, headers: HeaderLexicon, subheaders: HeaderLexicon) -> None:
        self._headers = headers
        self._subheaders = subheaders

    def split(self, text: str, lines: Lines) -> tuple[Section, ...]:
        """Return sections that cover ``text`` in order; none where it is empty."""
        found: list[_Header] = []
        for index, line in enumerate(lines.lines):
            alone = index + 1 == len(lines.lines) or lines.lines[index + 1].after_blank
            self._read_line(text, line, alone, found)
        return _cover(len(text), [_by_content(text, header) for header in found])

    def _read_line(self, text: str, line: Line, alone: bool, found: list[_Header]) -> None:
        current = found[-1].category if found else "other"
        header = self._at_line_start(text, line, alone, current)
        if header is not None:
            found.append(header)
        position = header.end if header else line.content
        for match in _INLINE.finditer(text, position, line.end):
            inline = self._before_colon(text, position, match.start(), match.end())
            if inline is not None:
                found.append(inline)
                position = inline.end

    def _at_line_start(self, text: str, line: Line, alone: bool, current: str) -> _Header | None:
        start = line.content
        while start < line.end and text[start] in _MARKUP:
            start += 1
        return (
            self._with_delimiter(text, start, line, current)
            or self._whole_line(text, start, line, alone, current)
            or self._capitals_first(text, start, line)
        )

    def _with_delimiter(self, text: str, start: int, line: Line, current: str) -> _Header | None:
        limit = min(line.end, start + _MAX_TITLE)
        for match in _DELIMITER.finditer(text, start, limit):
            title = text[start : match.start()].strip(_MARKUP)
            if not title or len(title.split()) > MAX_HEADER_WORDS:
                return None
            colon = ":" in match.group()
            category = self._category(title, line, current, colon)
            if title == "PE" and is_embolism(text, match.end(), colon=colon):
                return None
            if category is not None:
                return _Header(category, start, _title_end(text, match.start(), match.end()))
            if colon:
                return self._unknown(title, start, match.end(), line, current)
        return None

    def _category(self, title: str, line: Line, current: str, colon: bool) -> str | None:
        capitals = title.isupper()
        if current in _EXAM and self._subheaders.exact(title) is not None:
            return None
        if line.is_item and current in _CONTENT_LISTS and not (capitals and len(title) > 3):
            return None
        category = self._headers.exact(title)
        if category is None and colon and (capitals or _title_case(title)):
            category = self._headers.like(title)
        if category is None and colon and current in _BEFORE_EXAM:
            category = "physical_exam" if self._subheaders.exact(title) else None
        if category is not None and not colon and not (capitals or _title_case(title)):
            return None
        return category

    def _unknown(
        self, title: str, start: int, end: int, line: Line, current: str
    ) -> _Header | None:
        ends = current in _NARROW and not line.is_item and title.isupper()
        return _Header("other", start, end) if ends else None

    def _whole_line(
        self, text: str, start: int, line: Line, alone: bool, current: str
    ) -> _Header | None:
        title = text[start : line.end].rstrip(_MARKUP + "=-")
        if not title or len(title) > _MAX_TITLE or not (title.isupper() or title[0].isupper()):
            return None
        if alone and not line.after_blank and not line.flattened and not title.isupper():
            return None
        if (
            line.is_item
            and "#" not in text[line.start : start]
            and "*" not in text[line.start : start]
        ):
            return None
        if current in _EXAM and self._subheaders.exact(title) is not None:
            return None
        category = self._headers.exact(title)
        if category is None and title.isupper() and len(title.split()) > 1:
            category = self._headers.like(title)
        if category is None or not (title.isupper() or line.after_blank or " " in title):
            return None
        return _Header(category, start, start + len(title))

    def _capitals_first(self, text: str, start: int, line: Line) -> _Header | None:
        run = _UPPER_RUN.match(text, start, min(line.end, start + _MAX_TITLE))
        if run is None:
            return None
        words = run.group().split()
        # The last capital may begin the text: "CHIEF COMPLAINT Annual exam".
        for n_words in range(min(len(words), MAX_HEADER_WORDS), 1, -1):
            title = " ".join(words[:n_words])
            # A dash was judged as a delimiter before.
            if not title.endswith("-") and self._headers.exact(title) is not None:
                end = _end_of_words(text, start, n_words)
                category = self._headers.exact(title)
                return _Header(category or "other", start, end)
        return None

    def _before_colon(self, text: str, start: int, colon: int, end: int) -> _Header | None:
        first = max(start, colon - _MAX_TITLE)
        for word in list(_WORD.finditer(text, first, colon))[-MAX_HEADER_WORDS:]:
            title = text[word.start() : colon].strip(_MARKUP)
            if not title[:1].isupper() or word.start() <= max(first, start):
                continue
            category = self._headers.exact(title)
            if title == "PE" and is_embolism(text, end, colon=True):
                continue
            if category and _may_open(text, start, word.start(), title):
                return _Header(category, word.start(), end)
        return None


def _may_open(text: str, line_start: int, start: int, title: str) -> bool:
    """Tell whether a header may stand in mid-line: after a sentence, a gap, or small letters."""
    before = text[max(line_start, start - _MAX_TITLE) : start]
    if before.endswith(("  ", "\t")):
        return True
    last = before.rstrip()[-1:]
    if last in ".!?;|*":
        return True
    words = before.split()
    after_capital = bool(words) and words[-1][:1].isupper() and last != ","
    return title.isupper() and len(title) > 2 and not after_capital


def _title_case(title: str) -> bool:
    return all(w[:1].isupper() or not w[:1].isalpha() for w in title.split() if len(w) > 3)


def _title_end(text: str, start: int, end: int) -> int:
    colon = _COLON.match(text, start)
    return colon.end() if colon else end


def _end_of_words(text: str, start: int, n_words: int) -> int:
    words = list(re.finditer(r"\S+", text[start : start + 2 * _MAX_TITLE]))
    return start + words[n_words - 1].end()


def _by_content(text: str, header: _Header) -> _Header:
    """Mend headers that stand for two things by the words that follow."""
    following = text[header.end : header.end + _PEEK]
    if header.category == "procedures" and _NARRATIVE.match(following):
        return _Header("operative_description", header.start, header.end)
    if header.category == "physical_exam" and _IMAGING.match(following):
        return _Header("imaging", header.start, header.end)
    return header


def _cover(length: int, found: list[_Header]) -> tuple[Section, ...]:
    sections: list[Section] = []
    first = found[0].start if found else length
    if first > 0:
        sections.append(Section("other", Span(0, 0), Span(0, first)))
    starts = [header.start for header in found[1:]] + [length]
    for header, end in zip(found, starts, strict=False):
        title, body = Span(header.start, header.end), Span(header.end, end)
        sections.append(Section(header.category, title, body))
    return tuple(sections)
