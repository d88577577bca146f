"""Add to a sentence's words what they stand for: abbreviations, synonyms, corrected spellings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cac.find.references import Phrase
from cac.find.sides import side_of
from cac.find.spelling import Speller
from cac.find.stream import Stream, add_absent, read_words, signed_words_of, words_of
from cac.find.wordlists import read_rules, site_words
from cac.find.words import PLAIN_WORD, WORD, canonical
from cac.note import AnnotatedNote, Span


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of an abbreviation; ``words`` is empty where it names no condition."""

    words: tuple[str, ...]
    context: frozenset[str]
    not_context: frozenset[str]
    sections: frozenset[str]
    is_default: bool


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """An abbreviation and its senses."""

    tokens: tuple[str, ...]
    case_sensitive: bool
    senses: tuple[Sense, ...]


@dataclass(frozen=True, slots=True)
class _Met:
    """What a written word may stand for, by itself or as the first word of something."""

    corrected: str
    side: str
    abbreviations: Sequence[Abbreviation]
    phrases: Sequence[Phrase]
    wider: Sequence[Phrase]


# "C6 radiculopathy" is of the cervical region.
_LEVELS = (("C", 7, "cervical"), ("T", 12, "thoracic"), ("L", 5, "lumbar"))
_YEARS = range(1940, 2040)  # "cholecystectomy 2011" is of the past
_AROUND = 200  # characters before and after a sentence that tell what its abbreviations mean
_NOTHING = _Met("", "", (), (), ())


class Expander:
    """Adds canonical words to a stream, at the positions of the words that stand for them."""

    def __init__(
        self,
        vocabulary: Collection[str],
        references: Iterable[Phrase] = (),
        language: str = "en",
    ) -> None:
        is_english = language == "en"
        self._abbreviations = _by_first(read_abbreviations()) if is_english else {}
        self._phrases = _read_phrases(references) if is_english else {}
        self._wider = _read_wider() if is_english else {}
        self._classes = _read_classes() if is_english else {}
        self._speller = Speller(vocabulary)
        self._sites = site_words()
        self._met = lru_cache(maxsize=1 << 16)(self._read_word)

    def expand(self, stream: Stream, annotated: AnnotatedNote, sentence: Span) -> None:
        """Expand one sentence in place."""
        met = [(p, m) for p, m in enumerate(map(self._met, stream.surfaces)) if m is not None]
        for position, word in met:
            if word.corrected:
                stream.add(word.corrected, position, position)
        self._expand_abbreviations(stream, met, annotated, sentence)
        for position, word in met:
            if word.side:
                stream.add(word.side, position, position)
        self._add_classes(stream)
        n_written = len(stream.where)
        _expand_phrases(stream, [(p, m.phrases) for p, m in met if m.phrases])
        n_narrow = len(stream.where)
        _expand_phrases(stream, [(p, m.wider) for p, m in met if m.wider])
        # Words are only added here, and a mapping keeps their order.
        if len(stream.where) > n_written:
            added = list(stream.where)[n_written:]
            stream.derived.update(added[: n_narrow - n_written])
            stream.wider.update(added[n_narrow - n_written :])
        for site in self._sites.intersection(stream.where):
            stream.sites.update(
                p for first, last in stream.where[site] for p in range(first, last + 1)
            )
        add_absent(stream)

    def _read_word(self, surface: str) -> _Met | None:
        """Return what a word may stand for; None for most, which stand for themselves."""
        word = canonical(surface)
        met = _Met(
            self._speller.correct(word),
            side_of(surface),
            self._abbreviations_of(surface),
            self._phrases.get(word, ()),
            self._wider.get(word, ()),
        )
        return met if met != _NOTHING else None

    def _abbreviations_of(self, surface: str) -> Sequence[Abbreviation]:
        """Return the abbreviations that a word may begin, in the plural too ("DVTs")."""
        known = self._abbreviations.get(surface.lower())
        is_plural = surface.endswith("s") and len(surface) > 2 and surface[:-1].isupper()
        if known is None and is_plural:
            known = self._abbreviations.get(surface[:-1].lower())
        return known or ()

    def _expand_abbreviations(
        self,
        stream: Stream,
        met: Iterable[tuple[int, _Met]],
        annotated: AnnotatedNote,
        sentence: Span,
    ) -> None:
        surfaces = stream.surfaces
        for position, word in met:
            for found in word.abbreviations if stream.lowered[position] else ():
                last = position + len(found.tokens) - 1
                if not _stands_at(found, surfaces, position) or _is_decimal(stream, position, last):
                    continue
                sense = _settle(found, stream, annotated, sentence)
                if sense is None:
                    continue
                if not sense.words and last > position:
                    stream.remove(position, last)
                for meant in sense.words:
                    stream.add(meant, position, last)
                if len(sense.words) > 1:
                    stream.expansions[position] = frozenset(sense.words)
                break

    def _add_classes(self, stream: Stream) -> None:
        for word, places in list(stream.where.items()):
            for name in self._classes.get(word, ()):
                for first, last in places:
                    stream.add(name, first, last)


def _expand_phrases(stream: Stream, met: Iterable[tuple[int, Sequence[Phrase]]]) -> None:
    surfaces, n_words = stream.surfaces, len(stream.surfaces)
    for position, phrases in met:
        following = canonical(surfaces[position + 1]) if position + 1 < n_words else ""
        for tokens, targets in phrases if stream.lowered[position] else ():
            last = position + len(tokens) - 1
            if last > position:
                if tokens[1] != following:
                    continue
                if tuple(map(canonical, surfaces[position : last + 1])) != tokens:
                    continue
            for target in targets:
                _add_unless_there(stream, target, position, last)


def _add_unless_there(stream: Stream, word: str, first: int, last: int) -> None:
    """Carry ``word`` over a phrase, save where it is itself a word of the phrase."""
    if not any(first <= a and b <= last for a, b in stream.where.get(word, ())):
        stream.add(word, first, last)


def _is_decimal(stream: Stream, first: int, last: int) -> bool:
    """Tell whether numbers are parted by a point: "2.2" is no "2/2"."""
    return stream.surfaces[first].isdigit() and sum(stream.breaks[first + 1 : last + 1]) > 0


def _stands_at(found: Abbreviation, surfaces: list[str], position: int) -> bool:
    here = surfaces[position : position + len(found.tokens)]
    if len(here[0]) == len(found.tokens[0]) + 1:
        here[0] = here[0][:-1]
    if found.case_sensitive:
        return tuple(here) == found.tokens
    return [word.lower() for word in here] == [word.lower() for word in found.tokens]


def _settle(
    found: Abbreviation, stream: Stream, annotated: AnnotatedNote, sentence: Span
) -> Sense | None:
    """Choose the sense by the words around, then by section; None where nothing settles it."""
    only = found.senses[0]
    if len(found.senses) == 1 and not only.not_context and (only.is_default or not only.context):
        return only
    section = annotated.section_at(sentence)
    category = section.category if section else "other"
    scored = [(_points(sense, stream, category), sense) for sense in found.senses]
    best, sense = max(scored, key=lambda pair: (pair[0], pair[1].is_default))
    if best > 0:
        return sense
    near = _words_around(annotated.note.text, sentence)
    hinted = [(len(s.context & near), s) for s in found.senses if s.not_context.isdisjoint(near)]
    n_hints, other = max(hinted, key=lambda pair: pair[0], default=(0, sense))
    if n_hints >= (2 if sense.is_default else 1):
        return other
    return sense if best == 0 and sense.is_default else None


@lru_cache(maxsize=64)
def _words_around(text: str, sentence: Span) -> frozenset[str]:
    """Return the words near a sentence: "AGE." alone is told by the vomiting before it."""
    start, end = max(0, sentence.start - _AROUND), sentence.end + _AROUND
    return frozenset(canonical(m.group()) for m in PLAIN_WORD.finditer(text, start, end))


def _points(sense: Sense, stream: Stream, category: str) -> float:
    points = 2.0 * sum(word in stream.where for word in sense.context)
    points -= 3.0 * any(word in stream.where for word in sense.not_context)
    points += 1.5 * (category in sense.sections)
    return points


def read_abbreviations() -> Iterator[Abbreviation]:
    """Yield the abbreviations of the rule file."""
    for row in read_rules("abbreviations"):
        senses = tuple(_sense(sense) for sense in row["senses"])
        tokens = tuple(WORD.findall(row["abbr"]))
        if tokens:
            yield Abbreviation(tokens, bool(row.get("case_sensitive")), senses)


def _sense(row: dict[str, Any]) -> Sense:
    return Sense(
        _expansion(row["expansion"]) if row.get("expansion") else (),
        _canonical_words(row.get("context", ())),
        _canonical_words(row.get("not_context", ())),
        frozenset(row.get("sections", ())),
        bool(row.get("default")),
    )


def _expansion(text: str) -> tuple[str, ...]:
    """Return the words of an expansion; those of cause ("2/2") too, where it has no others."""
    return words_of(text) or tuple(read_words(text, Span(0, len(text))).where)


def _canonical_words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in words_of(text))


def _by_first(found: Iterable[Abbreviation]) -> dict[str, list[Abbreviation]]:
    by_first: dict[str, list[Abbreviation]] = defaultdict(list)
    for abbreviation in found:
        by_first[abbreviation.tokens[0].lower()].append(abbreviation)
    for group in by_first.values():
        group.sort(key=lambda a: (-len(a.tokens), not a.case_sensitive))
    return dict(by_first)


def _read_phrases(references: Iterable[Phrase]) -> dict[str, list[Phrase]]:
    by_first: dict[str, list[Phrase]] = defaultdict(list)
    for tokens, targets in references:
        by_first[tokens[0]].append((tokens, targets))
    for row in read_rules("synonyms"):
        if row["kind"] != "phrase":
            continue
        targets = signed_words_of(row["to"])
        if {"secondary", "malignant"} <= set(targets):
            continue  # the table of neoplasms reads these, site by site
        for phrase in row["from"]:
            _add_phrase(by_first, phrase, targets)
    for name, words in read_rules("morphology").items():
        for phrase in (word for word in words if " " in word):
            _add_phrase(by_first, phrase, (f"~{name}",))
    return dict(by_first)


def _read_wider() -> dict[str, list[Phrase]]:
    by_first: dict[str, list[Phrase]] = defaultdict(list)
    for phrase, wider in read_rules("hypernyms")["words"].items():
        _add_phrase(by_first, phrase, words_of(wider))
    for level, n_levels, region in _LEVELS:
        for number in range(1, n_levels + 1):
            _add_phrase(by_first, f"{level}{number}", words_of(region))
    return dict(by_first)


def _add_phrase(by_first: dict[str, list[Phrase]], phrase: str, targets: tuple[str, ...]) -> None:
    tokens = tuple(canonical(match.group()) for match in WORD.finditer(phrase))
    if tokens:
        by_first[tokens[0]].append((tokens, targets))


def _read_classes() -> dict[str, list[str]]:
    classes: dict[str, list[str]] = defaultdict(list)
    for row in read_rules("synonyms"):
        if row["kind"] == "equivalent":
            words = [canonical(word) for word in row["words"]]
            for word in words:
                classes[word] += [other for other in words if other != word]
    for name, words in read_rules("morphology").items():
        for word in (word for word in words if " " not in word):
            classes[canonical(word)].append(f"~{name}")
    for year in _YEARS:
        classes[str(year)].append("~past")
    return dict(classes)
