"""Words of a text with their offsets, stems, and keys under which cognates meet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cac.note import Span

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_STEMMERS = {"es": "spanish", "en": "english"}
_KEY_LENGTH = 5
# Spellings that differ by rule between the two languages: "ph"/"f", "th"/"t", "y"/"i" and so on.
_RESPELT = (
    ("mph", "nf"),
    ("ph", "f"),
    ("th", "t"),
    ("ch", "c"),
    ("qu", "c"),
    ("rh", "r"),
    ("y", "i"),
    ("k", "c"),
)
_SPANISH = (
    "a al ante con contra de del desde e el ella en entre es esta este fue ha hasta la las lo "
    "los más ni o para pero por que se ser sin sobre su sus u un una uno unos unas y"
)
_ENGLISH = (
    "a about an and are as at be been by for from had has have her his in into is it its no "
    "nor of on or that the their this to was were which who with without"
)
FUNCTION_WORDS = {"es": frozenset(_SPANISH.split()), "en": frozenset(_ENGLISH.split())}


@dataclass(frozen=True, slots=True)
class Word:
    """A word or number: where it stands, its stem, its cognate key, and whether it has content."""

    span: Span
    stem: str
    key: str
    content: bool


def words_of(text: str, language: str, start: int = 0) -> list[Word]:
    """Return the words of ``text``; ``start`` is added to the offsets."""
    found = []
    for match in _WORD.finditer(text):
        lowered = match.group().lower()
        stem, key, content = _forms(lowered, language)
        # "hepatitis A": a capital in mid-sentence is a name, not an article.
        content = content or (len(lowered) == 1 and match.start() > 0 and match.group().isupper())
        found.append(Word(Span(start + match.start(), start + match.end()), stem, key, content))
    return found


@lru_cache(maxsize=200_000)
def _forms(lowered: str, language: str) -> tuple[str, str, bool]:
    if lowered[0].isdigit():
        number = lowered.replace(",", ".")
        return number, number, True
    stem = _stem(language)(lowered)
    return stem, cognate_key(lowered), lowered not in FUNCTION_WORDS[language]


@lru_cache(maxsize=8)
def _stem(language: str) -> Callable[[str], str]:
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer(_STEMMERS[language]).stemWord
    return stem


def cognate_key(word: str) -> str:
    """Return the first letters without accents, respelt so that cognates agree.

    "pielonefritis" and "pyelonephritis" share ``pielo``.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    for old, new in _RESPELT:
        bare = bare.replace(old, new)
    return re.sub(r"(.)\1", r"\1", bare)[:_KEY_LENGTH]
