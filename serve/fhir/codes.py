"""The codes of a note on their way into resources: suggested, or as a coder left them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cac.coding import Code, CodeSystem, CodingResult
from cac.note import Span
from serve.review import ReviewState, Status

DIAGNOSES = frozenset({CodeSystem.ICD10CM, CodeSystem.ICD9CM})
LINE_ITEMS = frozenset({CodeSystem.CPT, CodeSystem.HCPCS})


@dataclass(frozen=True, slots=True)
class ShownCode:
    """One code; ``probability`` is None for what a coder added."""

    code: Code
    description: str
    evidence: tuple[Span, ...]
    probability: float | None = None
    is_accepted: bool = False
    is_principal: bool = False
    poa: str = ""


def suggested_codes(result: CodingResult) -> list[ShownCode]:
    """Return what a model suggests, by rank."""
    return [
        ShownCode(s.code, s.description, tuple(e.span for e in s.evidence), s.probability)
        for s in result.suggestions
    ]


def reviewed_codes(state: ReviewState, probabilities: dict[Code, float]) -> list[ShownCode]:
    """Return what stands after review: accepted codes in sequence, then the undecided ones."""
    return list(_reviewed(state, probabilities))


def _reviewed(state: ReviewState, probabilities: dict[Code, float]) -> Iterator[ShownCode]:
    undecided = (c for c in state.codes if c.status is Status.SUGGESTED)
    for code in (*state.final, *undecided):
        yield ShownCode(
            code.code,
            code.description,
            code.evidence,
            probabilities.get(code.code),
            is_accepted=code.status is not Status.SUGGESTED,
            is_principal=code.principal,
            poa=code.poa,
        )
