"""Word lists of the finder, read once from its rule files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from cac.find.words import canonical


def read_rules(name: str) -> Any:
    """Return the content of a rule file of this package."""
    path = files("cac.find") / "rules" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def generic_words() -> frozenset[str]:
    """Words that name no condition by themselves (disease, infection, pain)."""
    return frozenset(canonical(word) for word in read_rules("generic")["words"])


@cache
def void_words() -> frozenset[str]:
    """Words that are never a term alone (old, joint, anesthesia)."""
    return frozenset(canonical(word) for word in read_rules("generic")["void"])


@cache
def act_terms() -> frozenset[str]:
    """Main terms of the index that describe encounters and acts."""
    return frozenset(read_rules("generic")["main_terms"])


@cache
def own_only() -> frozenset[str]:
    """Codes whose official wording is of everyday words: only our own wordings name them."""
    return frozenset(read_rules("generic")["own_only"])


@cache
def common_words() -> frozenset[str]:
    """English words that are spelt right though the lexicon lacks them."""
    text = (files("cac.find") / "rules" / "common_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def site_words() -> frozenset[str]:
    """Words for parts of the body and the sides that stand before them."""
    return frozenset(canonical(word) for word in read_rules("sites")["words"])


@cache
def _region_of() -> dict[str, frozenset[str]]:
    regions: dict[str, frozenset[str]] = {}
    for region, sites in read_rules("hypernyms")["regions"].items():
        words = frozenset(canonical(word) for word in region.split())
        for site in sites:
            regions[canonical(site)] = regions.get(canonical(site), frozenset()) | words
    return regions


def regions_of(words: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the sites among words, with words for where they lie ("lower", "limb" of a foot)."""
    known = _region_of()
    return {word: known[word] for word in words if word in known}
