"""Mentions of the shipped finder, which knows codes that no note was annotated with."""

from __future__ import annotations

from collections.abc import Sequence

from cac.codes import load_icd10cm
from cac.coding import Mention
from cac.find.load import load_finder, rules_version
from cac.note import AnnotatedNote

_LANGUAGES = ("en",)
"""Those in which the finder has the official wording; in others it would add next to nothing."""


def finder_version(language: str) -> str:
    """Return the version of the finder's rules; empty where it is not asked."""
    return rules_version() if language in _LANGUAGES else ""


def known_mentions(annotated: AnnotatedNote) -> Sequence[Mention]:
    """Return what the finder finds; none in a language whose official wording it lacks."""
    language = annotated.note.language
    if language not in _LANGUAGES:
        return ()
    return load_finder(load_icd10cm(), language).find(annotated)
