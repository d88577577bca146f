"""Terms beside the official ones: open synonyms (Disease Ontology, CC0) and our own."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from importlib.resources import files

from cac.codes import Icd10cm
from cac.find.lexicon import Term
from cac.find.phrases import bag_of_title
from cac.find.wordlists import read_rules

_FILE = "open_synonyms.tsv.gz"
_WEIGHT = 0.8
_OWN_WEIGHT = 0.98


def synonym_terms(codes: Icd10cm) -> Iterator[Term]:
    """Yield a term for each synonym whose code the release holds."""
    yield from _own_terms(codes)
    yield from _open_terms(codes)


def _own_terms(codes: Icd10cm) -> Iterator[Term]:
    for row in read_rules("clinical_terms")["terms"]:
        for text in row["terms"] if codes.is_valid(row["code"]) else ():
            bag = bag_of_title(text)
            if bag:
                yield Term(bag.required, bag.optional, row["code"], "clinical", text, _OWN_WEIGHT)


def _open_terms(codes: Icd10cm) -> Iterator[Term]:
    data = (files("cac.find") / "rules" / _FILE).read_bytes()
    for line in gzip.decompress(data).decode("utf-8").splitlines()[1:]:
        code, text = line.split("\t")
        bag = None if text.isupper() and len(text) < 6 else bag_of_title(text)
        if bag and codes.is_valid(code) and len(bag.required) <= 6:
            yield Term(bag.required, bag.optional, code, "synonym", text, _WEIGHT)
