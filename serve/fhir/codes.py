"""The codes of a note on their way into resources: suggested, or as a coder left them."""

from __future__ import annotations

from dataclasses import dataclass

from cac.coding import Code, CodeSystem, CodingResult
from cac.note import Span
from serve.review import CodeState, ReviewState, Status

DIAGNOSES = frozenset({CodeSystem.ICD10CM, CodeSystem.ICD9CM})
LINE_ITEMS = frozenset({CodeSystem.CPT, CodeSystem.HCPCS})


@dataclass(frozen=True, slots=True)
class ShownCode:
    """One code; ``probability`` is None for what a coder added.

    ``is_accepted`` and ``is_rejected`` are both false until a coder decides.
    """

    code: Code
    description: str
    evidence: tuple[Span, ...]
    probability: float | None = None
    is_accepted: bool = False
    is_rejected: bool = False
    is_principal: bool = False
    poa: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether a coder has accepted, added, rejected or replaced it."""
        return self.is_accepted or self.is_rejected


def suggested_codes(result: CodingResult) -> list[ShownCode]:
    """Return what a model suggests, by rank."""
    return [
        ShownCode(s.code, s.description, tuple(e.span for e in s.evidence), s.probability)
        for s in result.suggestions
    ]


def reviewed_codes(state: ReviewState, probabilities: dict[Code, float]) -> list[ShownCode]:
    """Return accepted codes in sequence, then the undecided ones, then the rejected ones."""
    others = [c for c in state.codes if not c.sequence]
    undecided = [c for c in others if c.status is Status.SUGGESTED]
    rejected = [c for c in others if c.status is not Status.SUGGESTED]
    return [
        _shown(code, probabilities.get(code.code)) for code in (*state.final, *undecided, *rejected)
    ]


def _shown(code: CodeState, probability: float | None) -> ShownCode:
    return ShownCode(
        code.code,
        code.description,
        code.evidence,
        probability,
        is_accepted=code.sequence is not None,
        is_rejected=code.status in (Status.REJECTED, Status.REPLACED),
        is_principal=code.principal,
        poa=code.poa,
    )
