"""Make the terms of the lexicon from a code set and its Alphabetic Index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cac.codes import AlphabeticIndex, Icd10cm, IndexEntry
from cac.find.laterality import is_lateral
from cac.find.lexicon import Term
from cac.find.phrases import SIDES, Bag, bag_of_title, bags_of_path, bags_of_title, is_residual
from cac.find.stream import words_of
from cac.find.wordlists import act_terms, generic_words, own_only, void_words

_WEIGHT = {
    "index": 1.0,
    "title": 0.95,
    "inclusion": 0.9,
    "synonym": 0.85,
    "neoplasm": 0.95,
    "external": 0.6,
}
_REFERRED = 0.93  # a reference may name a wider term
_CLIPPED = 0.98
_DISORDER = frozenset(["disorder"])
_CONNECTORS = frozenset(
    ["with", "in", "due to", "by", "of", "from", "in (due to)", "type", "complicated by"]
)


_OF_BLOOD = frozenset(["A40", "A41"])
_SEPSIS = re.compile(r"sep(?:sis|tic)", re.IGNORECASE)
_ACRONYM = re.compile(r"[A-Z][A-Z\d]{1,4}")  # abbreviations have rules of their own
_NAMED = re.compile(r"category ([A-Z]\d[\dA-Z](?:\.[\dA-Z]+)?)")


def official_terms(codes: Icd10cm, index: AlphabeticIndex) -> Iterator[Term]:
    """Yield the terms of titles, inclusion terms, index paths and references."""
    for value in codes:
        yield from _terms_of_code(codes, value)
    entries = [entry for entry in index if entry.table in ("index", "external")]
    code_of: dict[frozenset[str], str] = {}
    for entry in entries:
        for term in _terms_of_entry(codes, entry, [entry.code] if entry.code else []):
            if entry.table == "index":
                code_of.setdefault(term.required, term.code)
            yield term
    for entry in entries:
        if entry.see and not entry.code:
            named = _NAMED.search(entry.see)
            target = (
                named[1] if named else code_of.get(frozenset(words_of(entry.see.split("(")[0])))
            )
            found = _terms_of_entry(codes, entry, [target] if target else [])
            yield from (replace(term, weight=term.weight * _REFERRED) for term in found)


def make_term(
    bag: Bag, code: str, source: str, text: str, weight: float | None = None
) -> Term | None:
    """Build one term; None for words too general to name anything."""
    weight = _WEIGHT[source] if weight is None else weight
    if code in own_only():
        return None
    if bag.required <= void_words() and len(bag.required) < 3:
        return None
    if all(len(word) == 1 for word in bag.required):
        return None
    if len(bag.required) == 1 and bag.required <= generic_words():
        weight *= 0.3
        if code[0] in "ZVWXY":
            return None
    if code[0] == "Z" and len(bag.required) == 1:
        weight *= 0.5
    return Term(bag.required, bag.optional, code, source, text, weight)


def _terms_of_code(codes: Icd10cm, value: str) -> Iterator[Term]:
    entry = codes.entry(value)
    if entry.billable and len(value) == 8 and entry.seventh_characters:
        return
    wordings = [("title", entry.title), *(("inclusion", text) for text in entry.inclusion_terms)]
    for source, text in wordings:
        if source == "inclusion" and value[:3] in _OF_BLOOD and not _SEPSIS.search(text):
            continue  # the organism alone ("Pseudomonas aeruginosa") is no sepsis
        if source == "title" and "unspecified" in text.lower() and _has_sided_sibling(codes, value):
            continue
        for bag in bags_of_title(text):
            term = _term_of_bag(codes, value, source, text, bag)
            if term:
                yield term
                yield from _without_disorder(term)


def _without_disorder(term: Term) -> Iterator[Term]:
    """Yield a mental disorder again without "disorder", which those who name a kind leave out."""
    rest = term.required - _DISORDER
    if len(rest) >= 3 and rest < term.required and term.code[0] == "F":
        yield replace(term, required=rest, optional=term.optional, weight=term.weight * _CLIPPED)


def _term_of_bag(codes: Icd10cm, value: str, source: str, text: str, bag: Bag) -> Term | None:
    target = value
    if bag.required & SIDES and is_lateral(codes, value):
        target = codes.parent(value) or value
        bag = Bag(bag.required - SIDES, bag.optional)
        if not bag.required:
            return None
    above = codes.parent(value) if target == value else target
    if source == "title" and above and _same_words(codes, above, bag):
        return None
    return make_term(bag, target, source, text)


def _has_sided_sibling(codes: Icd10cm, value: str) -> bool:
    parent = codes.parent(value)
    siblings = codes.children(parent) if parent and "-" not in parent else ()
    return any(set(codes.title(s).lower().split()) & SIDES for s in siblings)


def _same_words(codes: Icd10cm, parent: str, bag: Bag) -> bool:
    above = None if "-" in parent or parent.isdigit() else bag_of_title(codes.title(parent))
    return above is not None and above.required == bag.required


def _terms_of_entry(codes: Icd10cm, entry: IndexEntry, targets: Iterable[str]) -> Iterator[Term]:
    if any(is_residual(level) for level in entry.path) or entry.path[-1] in _CONNECTORS:
        return
    if entry.path[0] in act_terms() or _ACRONYM.fullmatch(entry.path[-1]):
        return
    text = ", ".join(entry.path)
    for code in targets:
        if not _known(codes, code):
            continue
        for bag in bags_of_path(entry.path, entry.nonessential):
            target = code
            if bag.required & SIDES and bag.required - SIDES and is_lateral(codes, code):
                target = codes.parent(code) or code
                bag = Bag(bag.required - SIDES, bag.optional)
            source = "external" if entry.table == "external" else "index"
            term = make_term(bag, target, source, text)
            if term:
                yield term


def _known(codes: Icd10cm, code: str) -> bool:
    return codes.is_valid(code) and "-" not in code
