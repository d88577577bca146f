"""Synonyms that the Alphabetic Index itself gives: "Cholelithiasis, see Calculus, gallbladder"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cac.codes import AlphabeticIndex
from cac.find.stream import words_of
from cac.find.words import WORD, canonical

_NO_TARGET = re.compile(r"\bby (site|type|drug|region|cause)\b|\bcondition\b|^neoplasm\b|^injury\b|\bspecified\b", re.IGNORECASE)
Phrase = tuple[tuple[str, ...], tuple[str, ...]]


def reference_phrases(index: AlphabeticIndex) -> Iterator[Phrase]:
    """Yield (words of a main term, words of the term that it refers to)."""
    for entry in index:
        if entry.table != "index" or len(entry.path) > 1 or entry.code or not entry.see:
            continue
        if _NO_TARGET.search(entry.see) or ";" in entry.see:
            continue
        targets = tuple(words_of(entry.see.split("(")[0]))
        for form in _forms(entry.path[0]):
            if targets and not set(form) >= set(targets):
                yield form, targets


def _forms(title: str) -> list[tuple[str, ...]]:
    parts = re.sub(r"\bNEC\b", "", title.split("(")[0]).split(",")
    forms = [tuple(canonical(m.group()) for m in WORD.finditer(part)) for part in parts]
    return [form for form in forms if form]
