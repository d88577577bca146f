"""Search ICD-10-CM by words: over titles, inclusion terms and the Alphabetic Index.

A term scores by how much of the query it holds (rare words count more) and how little it
says beside. Words in brackets are nonessential and cost nothing. No index is kept: the
terms are one text of some 10 MB, scanned once a word, which takes milliseconds.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cac.codes.cache import cached
from cac.codes.icd10cm import Icd10cm
from cac.codes.index import AlphabeticIndex, load_index
from cac.codes.load import tabular_file

_WORD = re.compile(r"[a-z0-9]+")
_BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")
_STOPS = "a an and as at by due for from in is nec nos of on or other the to with"
_STOP = frozenset(_STOPS.split())
# Words that only say that nothing more is said: beside the query they cost nothing.
_EMPTY = frozenset(["unspecified", "specified", "site", "not", "elsewhere", "classified"])
_FULL = 0.5  # weight of saying nothing beside, against holding the whole query
_N_SCORED = 4000
_N_PREFIX = 5
_SYNONYMS = {
    "af": "atrial fibrillation",
    "afib": "atrial fibrillation",
    "aki": "acute kidney failure",
    "bph": "benign prostatic hyperplasia",
    "cad": "atherosclerotic heart disease",
    "cancer": "malignant neoplasm",
    "chf": "congestive heart failure",
    "ckd": "chronic kidney disease",
    "cva": "cerebral infarction",
    "distal": "lower end",
    "dm": "diabetes mellitus",
    "dvt": "deep vein thrombosis",
    "esrd": "end stage renal disease",
    "gerd": "gastro esophageal reflux disease",
    "htn": "hypertension",
    "mi": "myocardial infarction",
    "osa": "obstructive sleep apnea",
    "proximal": "upper end",
    "uti": "urinary tract infection",
}
"""What coders type for what the classification writes; the note reader has its own list."""
_BRITISH = {
    "oedema": "edema",
    "haem": "hem",
    "aem": "em",
    "oesoph": "esoph",
    "tumour": "tumor",
    "rrhoea": "rrhea",
}
_ENDINGS = ("ies", "es", "s", "y")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A code with the term that answers the query best, and where that term is from."""

    value: str
    title: str
    billable: bool
    score: float
    term: str
    source: str


class CodeSearch:
    """The terms of one release, ready to be searched.

    >>> CodeSearch.load(load_icd10cm()).search("heart failure acute on chronic")[0].value
    'I50.23'
    """

    def __init__(self, icd10cm: Icd10cm, text: str) -> None:
        self._icd10cm = icd10cm
        self._lines = text.split("\n")
        self._folded = [line.split("\t", 1)[0] for line in self._lines]

    @classmethod
    def load(cls, icd10cm: Icd10cm) -> CodeSearch:
        """Return the search over a release, its terms from the compiled cache."""
        index = load_index()
        key = f"{icd10cm.release} {[source.sha256 for source in index.sources]}"
        name = f"search-{icd10cm.release}"
        text = cached(name, [tabular_file()], lambda: _text(icd10cm, index), extra=key)
        return cls(icd10cm, text)

    def search(self, query: str, limit: int = 20) -> list[SearchHit]:
        """Return the codes whose terms answer the query best; ties in tabular order."""
        spelt = (_SYNONYMS.get(word, word) for word in words_of(query))
        words = list(dict.fromkeys(stem(word) for text in spelt for word in words_of(text)))
        found = {word: self._holding(word) for word in words}
        found = {w: rows or self._holding(self._nearest(w)) for w, rows in found.items()}
        weights = {word: self._weight(rows) for word, rows in found.items() if rows}
        scores: dict[int, float] = {}
        for word, weight in weights.items():
            for row in found[word]:
                scores[row] = scores.get(row, 0.0) + weight
        total = sum(self._weight(rows) for rows in found.values())
        best = sorted(scores, key=lambda row: (-scores[row], row))[:_N_SCORED]
        return self._ranked({row: scores[row] / total for row in best}, len(words), limit)

    def _holding(self, word: str) -> list[int]:
        """Return the terms with a word that begins so; a short one must be the whole word."""
        if not word:
            return []
        if len(word) >= _N_PREFIX:
            return [row for row, text in enumerate(self._folded) if f" {word}" in text]
        one, many = f" {word} ", f" {word}s "
        return [row for row, text in enumerate(self._folded) if one in text or many in text]

    def _weight(self, rows: list[int]) -> float:
        return math.log(1 + len(self._folded) / (1 + len(rows)))

    def _nearest(self, word: str) -> str:
        vocabulary = {stem(w) for text in self._folded for w in text.split() if w[0] == word[0]}
        return next(iter(difflib.get_close_matches(word, sorted(vocabulary), 1, 0.75)), "")

    def _ranked(self, held: dict[int, float], n_words: int, limit: int) -> list[SearchHit]:
        best: dict[str, tuple[float, str, str]] = {}
        for row, share in held.items():
            _, essential, value, source, term = self._lines[row].split("\t")
            beside = n_words * share / max(int(essential), n_words * share, 1.0)
            score = share * (1 - _FULL + _FULL * beside)
            if score > best.get(value, (0.0, "", ""))[0]:
                best[value] = (score, term, source)
        values = sorted(best, key=lambda value: (-round(best[value][0], 6), value))[:limit]
        return [self._hit(value, *best[value]) for value in values]

    def _hit(self, value: str, score: float, term: str, source: str) -> SearchHit:
        billable = self._icd10cm.is_billable(value)
        return SearchHit(value, self._icd10cm.title(value), billable, score, term, source)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, accents and stop words removed."""
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    if "ae" in plain or "oe" in plain or "our" in plain:
        for british, american in _BRITISH.items():
            plain = plain.replace(british, american)
    return [word for word in _WORD.findall(plain.replace("'s", "s")) if word not in _STOP]


def stem(word: str) -> str:
    """Cut a plural ending, so that the beginning of both forms is searched for."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word.removesuffix(ending)
    return word


def _text(icd10cm: Icd10cm, index: AlphabeticIndex) -> str:
    lines = dict.fromkeys(_line(*term) for term in _terms(icd10cm, index))
    return "\n".join(lines)


def _line(value: str, source: str, term: str) -> str:
    essential = len([w for w in words_of(_BRACKETED.sub(" ", term)) if w not in _EMPTY])
    return f" {' '.join(words_of(term))} \t{essential}\t{value}\t{source}\t{term}"


def _terms(icd10cm: Icd10cm, index: AlphabeticIndex) -> Iterator[tuple[str, str, str]]:
    for value in icd10cm:
        if len(value) < 8:  # a seventh character adds nothing to search for
            entry = icd10cm.entry(value)
            yield from _of(value, "title", [entry.title])
            yield from _of(value, "inclusion", entry.inclusion_terms)
    for entry_ in index:
        term = ", ".join(entry_.path)
        if entry_.table == "drug":
            continue
        targets = [entry_] if entry_.code or not entry_.see else index.resolve(entry_.see)
        for target in targets:
            if icd10cm.is_valid(target.code):
                yield from _of(target.code, entry_.table, [term])


def _of(value: str, source: str, terms: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    return ((value, source, term) for term in terms if term)
