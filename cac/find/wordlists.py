"""Word lists of the finder, read once from its rule files."""

from __future__ import annotations

import json
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
def common_words() -> frozenset[str]:
    """English words that are spelt right though the lexicon lacks them."""
    text = (files("cac.find") / "rules" / "common_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def site_words() -> frozenset[str]:
    """Words for parts of the body and the sides that stand before them."""
    return frozenset(canonical(word) for word in read_rules("sites")["words"])
