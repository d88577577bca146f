"""One reading of a note, for training, evaluation, batch and serving alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from loguru import logger

from cac.note import AnnotatedNote, Assertion, Modifier, Note, Section, Span
from cac.read.boxes import find_boxes
from cac.read.cues import CueFinder
from cac.read.headers import HeaderLexicon
from cac.read.lines import split_lines
from cac.read.names import NameFinder
from cac.read.rule_files import load_rules
from cac.read.scopes import ScopeResolver
from cac.read.sections import Sectionizer
from cac.read.sentences import SentenceSplitter
from cac.read.tokens import tokenize

# medspaCy's sentence splitter logs the tokens of every note to stderr. It is not used here,
# and must stay silent wherever a caller uses it.
logger.disable("PyRuSH")

# What a section says of all that it holds; a disease listed in past_medical_history may well
# be current, so that section implies nothing.
_IMPLIED = {
    "family_history": Assertion.OTHER_SUBJECT,
    "discharge_instructions": Assertion.HYPOTHETICAL,
    "patient_education": Assertion.HYPOTHETICAL,
}
# A differential diagnosis is a list of doubts; it ends at a blank line.
_DIFFERENTIAL = re.compile(r"\b(?:differential|ddx)", re.IGNORECASE)
_CONTENT = re.compile(r"\s*+(?:[^\n]*\S[^\n]*\n?)++")


class Reader:
    """Reads notes of one language into sections, sentences, tokens and modifiers.

    >>> annotated = Reader("en").read(Note("1", "No fever; cough persists."))
    >>> annotated.assertions_of(Span(3, 8))
    (<Assertion.NEGATED: 'NEGATED'>,)
    """

    def __init__(self, language: str = "en") -> None:
        """Load the rules of ``language``; raise SettingsError where there are none."""
        rules = load_rules(language)
        self.language = language
        self.fingerprint = rules.fingerprint
        self._sectionizer = Sectionizer(
            HeaderLexicon(rules.sections, language), HeaderLexicon(rules.subheaders, language)
        )
        self._splitter = SentenceSplitter(rules.sentences)
        self._cues = CueFinder(rules.context)
        self._scopes = ScopeResolver(rules.sentences)
        self._names = NameFinder(rules.sentences)

    def read(self, note: Note) -> AnnotatedNote:
        """Return ``note`` with all that the text says of its parts; the text stays as it is."""
        tokens = tokenize(note.text)
        lines = split_lines(note.text)
        sections = self._sectionizer.split(note.text, lines)
        sentences = self._splitter.split(note.text, tokens, lines, sections)
        modifiers = self._scopes.resolve(tokens, sentences, self._cues.find(note.text, tokens))
        spans = tuple(Span(tokens.starts[s.first], tokens.ends[s.last - 1]) for s in sentences)
        names = self._names.find(note.text, spans)
        boxes = find_boxes(note.text, tokens, lines, sections)
        return AnnotatedNote(
            note=note,
            sections=sections,
            sentences=spans,
            token_bounds=tuple(zip(tokens.starts, tokens.ends, strict=True)),
            modifiers=(*modifiers, *names, *boxes, *_implied(note.text, sections)),
            fingerprint=self.fingerprint,
        )


def _implied(text: str, sections: tuple[Section, ...]) -> Iterator[Modifier]:
    for s in sections:
        if s.category in _IMPLIED and len(s.body):
            yield Modifier(_IMPLIED[s.category], s.title, s.body, f"section:{s.category}")
        if _DIFFERENTIAL.search(text, s.title.start, s.title.end) and len(s.body):
            content = _CONTENT.match(text, s.body.start, s.body.end)
            listed = Span(*content.span()) if content else s.body
            yield Modifier(Assertion.POSSIBLE, s.title, listed, "section:differential")


@cache
def _reader(language: str) -> Reader:
    return Reader(language)


def read_note(note: Note) -> AnnotatedNote:
    """Read ``note`` with the reader of its language, which is built once."""
    return _reader(note.language).read(note)
