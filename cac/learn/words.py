"""Words of a note as learnt terms know them: folded, stemmed, with their sentence."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from cac.errors import SettingsError
from cac.note import AnnotatedNote, Span

WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: ``index`` counts all words of the note, function words too."""

    stem: str
    start: int
    end: int
    sentence: int
    index: int


@dataclass(frozen=True, slots=True)
class NoteWords:
    """The content words of a note in order, and what stands around them."""

    text: str
    words: tuple[Word, ...]
    n_words: int

    def inside(self, spans: Iterable[Span]) -> list[int]:
        """Return the positions of the words that share a character with the spans."""
        wanted = tuple(spans)
        return [
            position
            for position, word in enumerate(self.words)
            if any(word.start < span.end and span.start < word.end for span in wanted)
        ]


def read_words(annotated: AnnotatedNote, language: str) -> NoteWords:
    """Return the content words of a note; sentences are those that the reader found."""
    stops, stem = function_words(language), stemmer(language)
    ends = [sentence.end for sentence in annotated.sentences]
    text, found, sentence, index = annotated.note.text, [], 0, -1
    for index, match in enumerate(WORD.finditer(text)):
        while sentence < len(ends) and match.start() >= ends[sentence]:
            sentence += 1
        folded = fold(match.group())
        if folded not in stops:
            found.append(Word(stem(folded), match.start(), match.end(), sentence, index))
    return NoteWords(text, tuple(found), index + 1)


def stems_of(text: str, language: str) -> list[str]:
    """Return the stems of the content words of a phrase."""
    stops, stem = function_words(language), stemmer(language)
    folded = (fold(match.group()) for match in WORD.finditer(text))
    return [stem(word) for word in folded if word not in stops]


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """Lower the case and take the accents off."""
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in parts if not unicodedata.combining(c))


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the words that may stand inside a term without being part of it.

    Raises:
        SettingsError: nothing is known of the language.
    """
    known = json.loads(files("cac.learn").joinpath("function_words.json").read_text("utf-8"))
    if language not in known:
        raise SettingsError(
            f"Nothing can be learnt from notes in {language!r}. Known: {', '.join(known)}."
        )
    return frozenset(known[language].split())


def stemmer(language: str) -> Callable[[str], str]:
    """Return the function that takes the endings of number and gender off a folded word."""
    return stem_spanish if language == "es" else stem_english


@lru_cache(maxsize=200_000)
def stem_spanish(word: str) -> str:
    """Take off plural and gender: "dolorosas" and "doloroso" meet, "dolor" stays apart."""
    if len(word) > 4 and word.endswith("es") and word[-3] not in "aeiou":
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s"):
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] in "oae" else word


@lru_cache(maxsize=200_000)
def stem_english(word: str) -> str:
    """Take off the plural, but not of "-itis", "-osis" or "abscess"."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and word[-2] not in "siu":
        return word[:-1]
    return word
