"""Rule files as medspaCy rule objects, each rule with the sentence that it exists for.

A literal may hold alternatives in braces, ``{no|without} evidence of``; it stands for every
combination. A pattern may name a list of ``words``: ``<<kin>>``. It is tried only around its
``anchor``: words, which cost next to nothing to find, or a regular expression of its own; with
``at_anchor`` the pattern begins at the anchor, which is the quickest. In an example ``[brackets]``
mark the place of the cue, and tags such as ``<negated>effusion</negated>`` what the cue does; a
test runs each rule on its own example.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import product
from typing import Any

from medspacy.context.context_rule import ConTextRule
from medspacy.section_detection.section_rule import SectionRule

from cac.errors import SettingsError
from cac.read.tokens import tokenize

# Raise with any change that alters what is read; bundles are tied to it by the fingerprint.
CODE_VERSION = "3"
LANGUAGES = ("en", "es")
_KINDS = ("context", "sections", "sentences")
_METADATA = ("example", "anchor", "at_anchor", "over_causes")
_PLAIN = re.compile(r"[^\W_][\w' -]*")
_BRACES = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Rules:
    """All that reading one language needs."""

    context: tuple[ConTextRule, ...]
    sections: tuple[SectionRule, ...]
    subheaders: tuple[SectionRule, ...]
    sentences: dict[str, Any]
    fingerprint: str


@cache
def load_rules(language: str) -> Rules:
    """Load the rule files of ``language``; raise SettingsError where there are none."""
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise SettingsError(f"Unknown note language {language!r}. Known: {known}.")
    texts = {kind: _read(f"{language}_{kind}.json") for kind in _KINDS}
    digest = sha256("\0".join([CODE_VERSION, *texts.values()]).encode()).hexdigest()
    sections = json.loads(texts["sections"])
    return Rules(
        context=_context_rules(json.loads(texts["context"])),
        sections=_section_rules(sections["section_rules"]),
        subheaders=_section_rules(sections["subheaders"]),
        sentences=json.loads(texts["sentences"]),
        fingerprint=digest,
    )


def _read(name: str) -> str:
    return files("cac.read.rules").joinpath(name).read_text(encoding="utf-8")


def expand(literal: str) -> list[str]:
    """Return every string that a literal with alternatives in braces stands for."""
    parts = [part.split("|") for part in _BRACES.split(literal)]
    # Every second part stood in braces; the others hold no alternatives.
    parts = [p if i % 2 else ["|".join(p)] for i, p in enumerate(parts)]
    return [" ".join("".join(combination).split()) for combination in product(*parts)]


def _context_rules(parts: dict[str, Any]) -> tuple[ConTextRule, ...]:
    words = {
        f"<<{name}>>": [word for entry in entries for word in expand(entry)]
        for name, entries in parts.get("words", {}).items()
    }
    return tuple(
        rule for entry in parts["context_rules"] for rule in _context_rules_of(entry, words)
    )


def _context_rules_of(entry: dict[str, Any], words: dict[str, list[str]]) -> list[ConTextRule]:
    if "pattern" in entry:
        anchor = entry["anchor"]
        if not isinstance(anchor, str):
            anchor = [last for word in anchor for last in _last_words(words.get(word, [word]))]
        entry = entry | {"pattern": _fill(entry["pattern"], words), "anchor": anchor}
    metadata = {key: entry[key] for key in _METADATA if key in entry}
    fields = {key: value for key, value in entry.items() if key not in metadata}
    name = fields.pop("literal")
    literals = [name] if "pattern" in entry else dict.fromkeys(expand(name))
    return [ConTextRule(literal, metadata=metadata, **fields) for literal in literals]


def _last_words(phrases: list[str]) -> list[str]:
    """Return the last word of each phrase, as tokens have it."""
    return [tokenize(phrase).words[-1] for phrase in phrases]


def _fill(pattern: str, words: dict[str, list[str]]) -> str:
    for name, alternatives in words.items():
        pattern = pattern.replace(name, _alternation(alternatives))
    return pattern


def _alternation(alternatives: list[str]) -> str:
    """Return a pattern of any of them, the plain words by first letter, which is quicker."""
    regexes = [word for word in alternatives if not _PLAIN.fullmatch(word)]
    by_letter: defaultdict[str, list[str]] = defaultdict(list)
    for word in alternatives:
        if _PLAIN.fullmatch(word):
            by_letter[word[0]].append(word[1:])
    grouped = [f"{letter}(?:{'|'.join(ends)})" for letter, ends in by_letter.items()]
    return f"(?:{'|'.join(grouped + regexes)})"


def _section_rules(entries: list[dict[str, Any]]) -> tuple[SectionRule, ...]:
    return tuple(
        SectionRule(literal, entry["category"], pattern=entry.get("pattern"))
        for entry in entries
        for name in entry["literals"]
        for literal in ([name] if "pattern" in entry else expand(name))
    )
