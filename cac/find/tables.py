"""Terms of the index's tables: neoplasms by site and behaviour, drugs by kind of harm."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from cac.codes import AlphabeticIndex, Icd10cm, IndexEntry
from cac.find.lexicon import Term
from cac.find.phrases import SIDES, is_residual
from cac.find.stream import words_of
from cac.find.wordlists import read_rules

_BEHAVIOUR = {
    "malignant primary": ("~malignant",),
    "malignant secondary": ("~secondary",),
    "in situ": ("situ",),
    "benign": ("~benign",),
    "uncertain": ("~growth", "uncertain"),
    "unspecified": ("~growth",),
}
_HARM = {
    "poisoning accidental": ("~overdose",),
    "poisoning self-harm": ("~overdose", "~selfharm"),
    "poisoning assault": ("~overdose", "assault"),
    "adverse effect": ("~adverse",),
    "adverse effect, by its cause": ("~because",),
    "underdosing": ("~underdosing",),
}
_CHARACTER = {
    "poisoning accidental": "1",
    "poisoning self-harm": "2",
    "poisoning assault": "3",
    "adverse effect": "5",
    "adverse effect, by its cause": "5",
    "underdosing": "6",
}
_BEHAVIOUR_WORDS = frozenset(["malignant", "benign", "secondary", "primary", "situ"])
_ANY_DRUG = frozenset(["drug", "medicament", "agent", "substance", "medication", "chemical"])
# "Mastectomy site" is skin; a note that has "mastectomy" and "cancer" tells of the breast.
_NO_SITES = frozenset(["mastectomy"])
# Measured in every patient, and named without any harm of theirs.
_OF_THE_BODY = frozenset(
    """blood water oxygen glucose dextrose sodium potassium calcium magnesium phosphorus chloride
    iron protein albumin hormone thyroid cortisol testosterone estrogen prolactin aldosterone
    ferritin fibrinogen electrolyte tsh acth thyrotropin corticotropin hypotension adhesion
    adrenal seafood food air body collagen histamine serotonin vitamin""".split()
)
_SITE_WEAK = frozenset(["region", "organ", "tissue", "part", "unspecified", "site"])


def table_terms(codes: Icd10cm, index: AlphabeticIndex) -> Iterator[Term]:
    """Yield the terms of the neoplasm table and of the table of drugs and chemicals."""
    for entry in index:
        if entry.table == "neoplasm":
            yield from _neoplasm(codes, entry)
        elif entry.table == "drug":
            yield from _drug(codes, entry)


def drug_harm_terms(codes: Icd10cm) -> Iterator[Term]:
    """Yield the harms of the drugs that the table lacks, by the codes of their class."""
    for row in read_rules("drug_harms")["rows"]:
        for harm, character in _CHARACTER.items():
            code = row["stem"] + character
            for name in row["names"] if codes.is_valid(code) else ():
                words = frozenset(words_of(name)) | frozenset(_HARM[harm])
                text = f"{name} ({row['class']}), {harm}"
                yield Term(words, frozenset(), code, "drug", text, 0.85)


def _neoplasm(codes: Icd10cm, entry: IndexEntry) -> Iterator[Term]:
    behaviour = _BEHAVIOUR.get(entry.path[-1])
    sites = entry.path[1:-1]
    if behaviour is None or not codes.is_valid(entry.code) or any(map(is_residual, sites)):
        return
    for way in itertools.product(*(_forms(level) for level in sites)):
        words = frozenset().union(*way)
        if words & _NO_SITES:
            continue
        required = (words - _SITE_WEAK - SIDES) | frozenset(behaviour)
        weight = 0.95 if sites else 0.5
        text = ", ".join(["Neoplasm", *sites, entry.path[-1]])
        yield Term(required, words & SIDES, entry.code, "neoplasm", text, weight)


def _forms(level: str) -> list[frozenset[str]]:
    """Return the word sets of a site: comma forms are alternatives in this table."""
    plain = level.split("(")[0].replace(" NEC", "")
    forms = [frozenset(words_of(part)) - _BEHAVIOUR_WORDS for part in plain.split(",")]
    return list(dict.fromkeys(form for form in forms if form)) or [frozenset()]


def _drug(codes: Icd10cm, entry: IndexEntry) -> Iterator[Term]:
    harm = entry.path[-1]
    if harm not in _HARM or not codes.is_valid(entry.code) or is_residual(entry.path[-2]):
        return
    words = frozenset(words_of(entry.path[-2].split("(")[0].replace("NEC", "")))
    if words and not words <= _ANY_DRUG | _OF_THE_BODY and len(entry.path) == 2:
        text = ", ".join(entry.path)
        for way in (h for h in _HARM if h.split(",")[0] == harm):
            required = words | frozenset(_HARM[way])
            yield Term(required, frozenset(), entry.code, "drug", text, 0.85)
