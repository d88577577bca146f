"""Synonyms that the Alphabetic Index itself gives: "Cholelithiasis, see Calculus, gallbladder"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cac.codes import AlphabeticIndex
from cac.find.phrases import SIDES
from cac.find.stream import words_of
from cac.find.wordlists import common_words, generic_words
from cac.find.words import WORD, canonical

_NO_TARGET = re.compile(
    r"\bby (site|type|drug|region|cause)\b|\bcondition\b|^neoplasm\b|^injury\b|\bspecified\b",
    re.IGNORECASE,
)
_VAGUE = SIDES | frozenset(
    ["bad", "late", "early", "multiple", "open", "total", "partial", "white", "black", "double"]
)
_SHORT_NAMES = frozenset(
    ["sty", "stye", "ague", "wen", "hive", "scald", "tophi", "gallstone", "cholelithiasis"]
)
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
            if (
                targets
                and not set(form) >= set(targets)
                and not set(form) <= _VAGUE | generic_words()
            ):
                yield form, targets


def _forms(title: str) -> list[tuple[str, ...]]:
    """Return the forms of a main term; "Mice, joint" is inverted, so it has none."""
    if " or " in title:
        return []
    parts = [p.strip() for p in re.sub(r"\bNEC\b", "", title.split("(")[0]).split(",")]
    if any(part[:3].lower() != parts[0][:3].lower() for part in parts):
        return []
    forms = [tuple(canonical(m.group()) for m in WORD.finditer(part)) for part in parts]
    return [form for form in forms if len(form) > 1 or (form and _is_distinct(form[0]))]


def _is_distinct(word: str) -> bool:
    return word in _SHORT_NAMES or (len(word) >= 6 and word not in common_words())
