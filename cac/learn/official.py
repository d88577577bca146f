"""Official and open terms as bags of stems, to reach codes that no evidence was seen for.

Terms in English are keyed by symbols ``en:<stem>``, which notes in other languages meet by way
of the dictionary; terms in the language of the notes by their stems.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from cac.coding import Code, CodeSystem
from cac.learn.matching import Key
from cac.learn.translation import english_stem
from cac.learn.words import WORD, fold, stems_of

if TYPE_CHECKING:
    from cac.codes import AlphabeticIndex, Icd10cm, IndexEntry

ENGLISH = "en:"
NEOPLASM = "neoplasm:"
MAX_SYMBOLS = 7
#: Where a term comes from, one letter each; ``u`` an unspecified code below what the term names,
#: ``p`` a code that is not billable, ``r`` a term less the symbols that clinicians leave out.
SOURCES = {"title": "t", "inclusion": "i", "index": "x", "neoplasm": "n", "ontology": "o"}
UNSPECIFIED, PARENT, REDUCED = "u", "p", "r"
_MAX_LEVELS = 5
_SECTIONS_BY_SITE = "0BCD"
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")
_JOINED = re.compile(r"(\w+),? (?:and|or|and/or) (\w+)")
# "left_out" are words that titles hold and clinicians do not write, "rewordings" what they write
# for turns of the titles, "neoplasms" for the columns of the neoplasm table.
_RULES = json.loads(files("cac.learn").joinpath("official_words.json").read_text("utf-8"))
_LEFT_OUT = frozenset(_RULES["left_out"].split())
_REWORDINGS = [(re.compile(old, re.IGNORECASE), new) for old, new in _RULES["rewordings"]]
_NEOPLASMS: dict[str, list[str]] = _RULES["neoplasms"]
_COLUMN_MARKERS = {
    "malignant primary": ", malignant",
    "malignant secondary": ", secondary",
    "in situ": "in situ",
    "benign": "benign",
    "uncertain": "uncertain",
}


class LanguageTerm(Protocol):
    """A term of an ontology with its code; `cac.corpus.terms.CodedTerm` is one."""

    @property
    def term(self) -> str:
        """The words."""

    @property
    def language(self) -> str:
        """The language of the words."""

    @property
    def code(self) -> Code:
        """The code."""


class ProcedureTables(Protocol):
    """The tables of ICD-10-PCS; `cac.codes.icd10pcs.Icd10pcs` has them."""

    def options(self, prefix: str) -> Mapping[str, str]:
        """Return the characters that may follow a prefix, with their labels."""


@dataclass(slots=True)
class OfficialTerms:
    """Codes by term, each with the letters of where it comes from.

    ``classes`` are the columns of the neoplasm table that a symbol names ("sarcoma": malignant);
    ``sites`` the first four characters of the ICD-10-PCS codes of a body part.
    """

    terms: dict[Key, dict[Code, str]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sites: dict[Key, tuple[str, ...]] = field(default_factory=dict)

    def reduce(self, left_out: Iterable[str]) -> OfficialTerms:
        """Return the terms, and those that are new once the symbols left out are taken away."""
        dropped = frozenset(left_out)
        reduced: dict[Key, dict[Code, str]] = defaultdict(dict)
        for key, codes in self.terms.items():
            rest = tuple(symbol for symbol in key if symbol not in dropped)
            if 1 < len(rest) < len(key) and rest not in self.terms:
                for code, letters in codes.items():
                    reduced[rest].setdefault(code, letters + REDUCED)
        return replace(self, terms={**self.terms, **reduced})

    def titles(self) -> dict[Code, Key]:
        """Return the longest title of each code."""
        longest: dict[Code, Key] = {}
        for key, codes in self.terms.items():
            for code, letters in codes.items():
                if SOURCES["title"] in letters and len(key) > len(longest.get(code, ())):
                    longest[code] = key
        return longest

    def symbol_counts(self) -> dict[str, int]:
        """Return how many terms and sites hold each symbol."""
        counts: dict[str, int] = defaultdict(int)
        for key in chain(self.terms, self.sites):
            for symbol in key:
                counts[symbol] += 1
        return dict(counts)

    def to_json(self) -> Iterator[list[Any]]:
        """Yield one plain record a term for a bundle."""
        for key, codes in sorted(self.terms.items()):
            yield [" ".join(key), {code.value: letters for code, letters in sorted(codes.items())}]

    @classmethod
    def from_json(
        cls,
        records: Iterable[tuple[str, Mapping[str, str]]],
        classes: Mapping[str, Iterable[str]],
        sites: Mapping[str, Iterable[str]],
    ) -> OfficialTerms:
        """Read what `to_json` wrote, with the classes and the sites."""
        system = CodeSystem.ICD10CM
        return cls(
            {
                tuple(key.split(" ")): {Code(system, v): letters for v, letters in codes.items()}
                for key, codes in records
            },
            {symbol: tuple(found) for symbol, found in classes.items()},
            {tuple(key.split(" ")): tuple(found) for key, found in sites.items()},
        )


class OfficialTermBuilder:
    """Collects terms; a code that is not billable is joined by its unspecified descendant.

    ``seventh`` tells whether the notes learnt from are coded with the seventh character of
    injuries; where not, it is left off and the placeholder stays.
    """

    def __init__(self, release: Icd10cm, language: str, *, seventh: bool) -> None:
        self._release = release
        self._language = language
        self._seventh = seventh
        self._terms: dict[Key, dict[Code, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._classes: dict[str, set[str]] = defaultdict(set)
        self._sites: dict[Key, list[str]] = defaultdict(list)
        for column, words in _NEOPLASMS.items():
            self._classify(column, *words)

    def add_release(self) -> None:
        """Add titles and inclusion terms."""
        for value in self._release:
            if len(value.replace(".", "")) < 7:
                entry = self._release.entry(value)
                self._add(entry.title, value, "title")
                for term in entry.inclusion_terms:
                    self._add(term, value, "inclusion")

    def add_index(self, index: AlphabeticIndex) -> None:
        """Add the paths of the index, and the neoplasm table with the words clinicians use.

        A line that only refers on brings the code of the one place that it refers to; one that
        refers to the neoplasm table tells which column its name stands for.
        """
        for entry in index:
            if entry.table == "neoplasm":
                self._add_neoplasm(entry.path, entry.code)
            elif entry.table in ("index", "external") and len(entry.path) <= _MAX_LEVELS:
                self._add_line(entry, index)

    def _add_line(self, entry: IndexEntry, index: AlphabeticIndex) -> None:
        reference = entry.see or entry.see_also
        if len(entry.path) == 1 and "Neoplasm" in reference:
            for column, marker in _COLUMN_MARKERS.items():
                if marker in reference:
                    self._classify(column, entry.path[0])
        if entry.code:
            self._add(" ".join(entry.path), entry.code, "index")
        elif entry.see and "Neoplasm" not in entry.see:
            codes = {found.code for found in index.resolve(entry.see, table=entry.table)}
            if len(codes) == 1:
                self._add(" ".join(entry.path), codes.pop(), "index")

    def _add_neoplasm(self, path: tuple[str, ...], value: str) -> None:
        column = (NEOPLASM + path[-1].replace(" ", "-"),)
        for site in _alternatives(" ".join(path[1:-1])):
            self._add_key((*column, *term_key(site, "en")), value, "neoplasm")

    def _classify(self, column: str, *names: str) -> None:
        for name in names:
            key = term_key(name, "en")
            if len(key) == 1:
                self._classes[key[0]].add(NEOPLASM + column.replace(" ", "-"))

    def add_procedures(self, tables: ProcedureTables) -> None:
        """Add the body parts of the sections of ICD-10-PCS that have them."""
        for section in _SECTIONS_BY_SITE:
            for system in tables.options(section):
                for operation in tables.options(section + system):
                    table = section + system + operation
                    for part, label in tables.options(table).items():
                        for words in dict.fromkeys((label, _BRACKETS.sub(" ", label))):
                            for alternative in _alternatives(words):
                                self._sites[term_key(alternative, "en")].append(table + part)

    def add_ontology(self, terms: Iterable[LanguageTerm]) -> None:
        """Add an ontology's terms in English and in the language of the notes."""
        for term in terms:
            if term.language in ("en", self._language):
                self._add(term.term, term.code.value, "ontology", term.language)

    def build(self) -> OfficialTerms:
        """Return what was collected."""
        return OfficialTerms(
            {
                key: {code: "".join(sorted(letters)) for code, letters in codes.items()}
                for key, codes in self._terms.items()
            },
            {symbol: tuple(sorted(found)) for symbol, found in self._classes.items()},
            {key: tuple(dict.fromkeys(found)) for key, found in self._sites.items() if key},
        )

    def _add(self, text: str, value: str, source: str, language: str = "en") -> None:
        for words in dict.fromkeys((text, _BRACKETS.sub(" ", text), _reworded(text))):
            for alternative in _alternatives(words):
                self._add_key(term_key(alternative, language), value, source)

    def _add_key(self, key: Key, value: str, source: str) -> None:
        if 0 < len(key) <= MAX_SYMBOLS:
            for code, letters in self._codes(value):
                found = self._terms[tuple(sorted(key))][Code(CodeSystem.ICD10CM, code)]
                found.update(letters, SOURCES[source])

    def _codes(self, value: str) -> Iterator[tuple[str, str]]:
        if not self._release.is_valid(value):
            return
        if self._is_leaf(value):
            yield self._cut(value), ""
            return
        yield value, PARENT
        unspecified = self._unspecified(value)
        if unspecified:
            yield self._cut(unspecified), UNSPECIFIED

    def _is_leaf(self, value: str) -> bool:
        children = self._release.children(value)
        return not children or len(children[0].replace(".", "")) == 7

    def _unspecified(self, value: str) -> str | None:
        while not self._is_leaf(value):
            children = self._release.children(value)
            named = [c for c in children if "unspecified" in self._release.title(c).lower()]
            other = [c for c in children if c[-1] in "09"]
            if not named and not other:
                return None
            value = named[0] if named else other[-1]
        return value

    def _cut(self, value: str) -> str:
        """Bring a code to the length that the notes are coded with."""
        children = self._release.children(value)
        full = children[0] if children else value
        if len(full.replace(".", "")) < 7:
            return value
        return full if self._seventh else full[:-1]


def term_key(text: str, language: str) -> Key:
    """Return the sorted symbols of a term."""
    if language != "en":
        return tuple(sorted(set(stems_of(text, language))))
    folded = (fold(match.group()) for match in WORD.finditer(text))
    return tuple(sorted({ENGLISH + english_stem(word) for word in folded if word not in _LEFT_OUT}))


@cache
def abbreviations(language: str) -> dict[str, tuple[str, ...]]:
    """Return the English symbols that an abbreviation stands for."""
    known = json.loads(files("cac.learn").joinpath("abbreviations.json").read_text("utf-8"))
    return {short: term_key(words, "en") for short, words in known.get(language, {}).items()}


def _reworded(text: str) -> str:
    for old, new in _REWORDINGS:
        text = old.sub(new, text)
    return _BRACKETS.sub(" ", text)


def _alternatives(text: str) -> Iterator[str]:
    """Yield the text, and where two words are joined by "or" or "and", each without the other."""
    yield text
    for match in _JOINED.finditer(text):
        for kept in match.groups():
            yield text[: match.start()] + kept + text[match.end() :]
