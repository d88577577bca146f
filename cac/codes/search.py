"""Search ICD-10-CM by words: over titles, inclusion terms and the Alphabetic Index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cac.codes.cache import cached
from cac.codes.icd10cm import Icd10cm
from cac.codes.index import AlphabeticIndex, load_index
from cac.codes.load import tabular_file
from cac.codes.terms import TermScan, term_text, words_of

_FULL_LENGTH = 8  # of a value with its seventh character, which adds nothing to search for
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
        self._scan = TermScan(text)

    @classmethod
    def load(cls, icd10cm: Icd10cm) -> CodeSearch:
        """Return the search over a release, its terms from the compiled cache."""
        index = load_index()
        key = f"{icd10cm.release} {[source.sha256 for source in index.sources]}"
        name = f"search-{icd10cm.release}"

        def make() -> str:
            return term_text(_terms(icd10cm, index))

        return cls(icd10cm, cached(name, [tabular_file()], make, extra=key))

    def search(self, query: str, limit: int = 20) -> list[SearchHit]:
        """Return the codes whose terms answer the query best; ties in tabular order."""
        spelt = " ".join(_SYNONYMS.get(word, word) for word in words_of(query))
        icd10cm = self._icd10cm
        return [
            SearchHit(
                hit.key,
                icd10cm.title(hit.key),
                icd10cm.is_billable(hit.key),
                hit.score,
                hit.term,
                hit.source,
            )
            for hit in self._scan.search(spelt, limit)
        ]


def _terms(icd10cm: Icd10cm, index: AlphabeticIndex) -> Iterator[tuple[str, str, str]]:
    for value, title, inclusion_terms in icd10cm.terms():
        if len(value) < _FULL_LENGTH:
            if title:
                yield value, "title", title
            yield from ((value, "inclusion", term) for term in inclusion_terms)
    for line in index:
        if line.table != "drug":
            targets = [line] if line.code or not line.see else index.resolve(line.see)
            for target in targets:
                if icd10cm.is_valid(target.code):
                    yield target.code, line.table, ", ".join(line.path)
