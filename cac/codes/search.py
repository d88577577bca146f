"""Search ICD-10-CM by words: over titles, inclusion terms and the Alphabetic Index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cac.codes.cache import cached
from cac.codes.icd10cm import Icd10cm
from cac.codes.index import AlphabeticIndex, load_index
from cac.codes.load import tabular_file
from cac.codes.terms import TermScan, term_text

_FORMAT = 2  # of the terms: another one compiles them anew
_N_TIED = 10  # hits beyond the limit, among which one may be billable
_N_STEM = 4  # characters that forms of one word share
_FULL_LENGTH = 8  # of a value with its seventh character, which adds nothing to search for
_SYNONYMS = {
    "a fib": "atrial fibrillation",
    "a flutter": "atrial flutter",
    "af": "atrial fibrillation",
    "afib": "atrial fibrillation",
    "aki": "acute kidney failure",
    "bph": "benign prostatic hyperplasia",
    "ca": "malignant neoplasm",
    "cad": "atherosclerotic heart disease",
    "cancer": "malignant neoplasm",
    "chf": "congestive heart failure",
    "ckd": "chronic kidney disease",
    "copd": "chronic obstructive pulmonary disease",
    "cva": "cerebral infarction",
    "distal": "lower end",
    "dm": "diabetes mellitus",
    "dm1": "type 1 diabetes mellitus",
    "dm2": "type 2 diabetes mellitus",
    "dvt": "deep vein thrombosis",
    "esrd": "end stage renal disease",
    "exac": "exacerbation",
    "fx": "fracture",
    "gerd": "gastro esophageal reflux disease",
    "gi bleed": "gastrointestinal hemorrhage",
    "hfpef": "diastolic heart failure",
    "hfref": "systolic heart failure",
    "hld": "hyperlipidemia",
    "htn": "hypertension",
    "hx": "personal history",
    "lbp": "low back pain",
    "lt": "left",
    "mdd": "major depressive disorder",
    "mi": "myocardial infarction",
    "oa": "osteoarthritis",
    "osa": "obstructive sleep apnea",
    "pe": "pulmonary embolism",
    "pna": "pneumonia",
    "proximal": "upper end",
    "ptsd": "post traumatic stress disorder",
    "ra": "rheumatoid arthritis",
    "rt": "right",
    "sacrum": "sacral region",
    "sle": "systemic lupus erythematosus",
    "sob": "shortness of breath",
    "t1dm": "type 1 diabetes mellitus",
    "t2dm": "type 2 diabetes mellitus",
    "tia": "transient cerebral ischemic attack",
    "uri": "upper respiratory infection",
    "uti": "urinary tract infection",
    "v fib": "ventricular fibrillation",
    "v tach": "ventricular tachycardia",
}
"""What coders type for what the classification writes; the note reader has its own list."""
_SYNONYM = re.compile(rf"\b(?:{'|'.join(sorted(_SYNONYMS, key=len, reverse=True))})\b")
_BETWEEN = re.compile(r"[-./]")


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
        key = f"{_FORMAT} {icd10cm.release} {[source.sha256 for source in index.sources]}"
        name = f"search-{icd10cm.release}"

        def make() -> str:
            return term_text(_terms(icd10cm, index))

        return cls(icd10cm, cached(name, [tabular_file()], make, extra=key))

    def search(self, query: str, limit: int = 20) -> list[SearchHit]:
        """Return the codes whose terms answer the query best; of equals those that are billable."""
        plain = _BETWEEN.sub(" ", query.lower())
        spelt = _SYNONYM.sub(lambda met: _SYNONYMS[met[0]], plain)
        icd10cm = self._icd10cm
        hits = [
            SearchHit(
                hit.key,
                icd10cm.title(hit.key),
                icd10cm.is_billable(hit.key),
                hit.score,
                hit.term,
                hit.source,
            )
            for hit in self._scan.search(spelt, limit + _N_TIED)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, not hit.billable))[:limit]


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
                    yield from ((target.code, line.table, term) for term in _worded(line.path))


def _worded(path: tuple[str, ...]) -> Iterator[str]:
    """Give the term of an index line, also under the first form of its main term alone.

    "Hypertension, hypertensive" is one main term, which says "hypertension" and no more.
    """
    yield ", ".join(path)
    main, *others = path[0].split(", ")
    if others and all(other[:_N_STEM] == main[:_N_STEM].lower() for other in others):
        yield ", ".join((main, *path[1:]))
