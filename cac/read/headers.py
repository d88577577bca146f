"""Header strings and their categories: medspaCy section rules as a look-up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from medspacy.section_detection.section_rule import SectionRule

_AMPERSAND = {"en": " and ", "es": " y "}
_PARENTHESIS = re.compile(r"\([^)]*\)")
_NOT_WORD = re.compile(r"[^a-z0-9/']+")
# "Pneumonia. Labs" is a statement and a header; "Phys. Exam" a header cut short.
_STOPPED = re.compile(r"(?:[a-z]{5}|\b[A-Z]{2,})[.?!]\s+\w")
MAX_HEADER_WORDS = 9
# With one of these the words are a statement ("NO KNOWN DRUG ALLERGIES"), not a header.
_STATEMENT = frozenset(
    {
        "no",
        "not",
        "none",
        "denies",
        "denied",
        "negative",
        "has",
        "had",
        "have",
        "is",
        "are",
        "was",
        "were",
        "he",
        "she",
        "patient",
        "pt",
        "with",
        "without",
        "sin",
        "niega",
        "tiene",
        "presenta",
        "es",
        "fue",
        "paciente",
    }
)


class HeaderLexicon:
    """Categories of header strings, by exact string and then by pattern.

    Strings are compared without case, accents and punctuation; "&" is "and".
    """

    def __init__(self, rules: Iterable[SectionRule], language: str) -> None:
        self._ampersand = _AMPERSAND[language]
        self._exact: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        for rule in rules:
            if rule.pattern is None:
                self._exact.setdefault(self.key(rule.literal), rule.category)
            else:
                self._patterns.append((re.compile(rule.pattern), rule.category))

    def key(self, header: str) -> str:
        """Return the form in which headers are compared."""
        text = header.lower().replace("&", self._ampersand)
        if not text.isascii():
            text = unicodedata.normalize("NFKD", text)
            text = "".join(c for c in text if not unicodedata.combining(c))
        text = text.replace("/", " / ").replace("’", "'")
        return " ".join(_NOT_WORD.sub(" ", text).split()).strip(" /")

    def exact(self, header: str) -> str | None:
        """Return the category of a header string that the rules list."""
        found = self._exact.get(self.key(header))
        if found is None and "(" in header:
            found = self._exact.get(self.key(_PARENTHESIS.sub(" ", header)))
        return found

    def like(self, header: str) -> str | None:
        """Return the category of a header that only the patterns recognise."""
        if _STOPPED.search(header):
            return None
        key = self.key(_PARENTHESIS.sub(" ", header))
        words = key.split()
        if not words or len(words) > MAX_HEADER_WORDS or not _STATEMENT.isdisjoint(words):
            return None
        for pattern, category in self._patterns:
            if pattern.search(key):
                return category
        return None
