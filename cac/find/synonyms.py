"""Open synonyms of diseases that map to ICD-10-CM (Disease Ontology, CC0)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from importlib.resources import files

from cac.codes import Icd10cm
from cac.find.lexicon import Term
from cac.find.phrases import bag_of_title

_FILE = "open_synonyms.tsv.gz"
_WEIGHT = 0.8


def synonym_terms(codes: Icd10cm) -> Iterator[Term]:
    """Yield a term for each open synonym whose code the release holds."""
    data = (files("cac.find") / "rules" / _FILE).read_bytes()
    for line in gzip.decompress(data).decode("utf-8").splitlines()[1:]:
        code, text = line.split("\t")
        bag = bag_of_title(text)
        if bag and codes.is_valid(code) and len(bag.required) <= 6:
            yield Term(bag.required, bag.optional, code, "synonym", text, _WEIGHT)
