"""What is read off a number or a story at once, without terms: a place with its one code."""

from __future__ import annotations

import re

from cac.coding import Candidate, Code, CodeSystem
from cac.note import Span

Found = tuple[Span, Candidate]
_WEIGHT = 0.95


def found_at(match: re.Match[str], code: str, term: str) -> Found:
    """Return the characters of a match as a candidate of an ICD-10-CM code."""
    candidate = Candidate(Code(CodeSystem.ICD10CM, code), _WEIGHT, term, "number")
    return Span(match.start(), match.end()), candidate
