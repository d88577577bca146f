"""The codes of a review as a claim takes them, and what keeps them from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cac.coding import CodeSystem
from serve.errors import ConflictError, DecisionError
from serve.review import CodeState, ReviewState
from serve.x12.known import Known
from serve.x12.segments import amount

LINE_ITEMS = frozenset({CodeSystem.CPT, CodeSystem.HCPCS})
MOST_PROFESSIONAL = 12
"""Diagnoses of one 837P: the HI segment has twelve elements, and stands once."""
MOST_OTHER = 24
"""Other diagnoses, and other procedures, of one 837I: two HI segments beside the principal's."""
MOST_EXTERNAL = 12
MOST_LINES = 50
_EXTERNAL = frozenset("VWXY")
_EXEMPT = "1"


@dataclass(frozen=True, slots=True)
class Claim:
    """What becomes a draft.

    ``control_number`` has at most 20 characters, all that a payer need give back;
    ``service_date`` is that of the note.
    """

    control_number: str
    diagnoses: tuple[CodeState, ...]
    procedures: tuple[CodeState, ...]
    lines: tuple[CodeState, ...]
    service_date: date | None
    known: Known

    def charge(self, code: str = "") -> str:
        """Return the charge of a line, without ``code`` of the whole; 0 is not known."""
        codes = [code] if code else [c.code.value for c in self.lines]
        return amount(sum(self.known.charges.get(each, 0) for each in codes))


def claim_of(state: ReviewState, *, id_: str, service_date: date | None, known: Known) -> Claim:
    """Return the claim of what stands after review, in order of sequence.

    Raises:
        ConflictError: no diagnosis, one of ICD-9, or an external cause as the first one.
        DecisionError: what is known is about a code that the note has not.
    """
    final = state.final
    diagnoses = _of(final, CodeSystem.ICD10CM)
    if _of(final, CodeSystem.ICD9CM, CodeSystem.ICD9PCS):
        raise ConflictError("The note has codes of ICD-9, which no claim of today takes.")
    if not diagnoses:
        raise ConflictError("The note has no accepted ICD-10-CM code; a claim needs one.")
    if is_external(diagnoses[0]):
        raise ConflictError(
            "The first diagnosis is an external cause (V00 to Y99), which cannot be the principal "
            "one. Reopen the note and mark another as principal."
        )
    lines = _of(final, *LINE_ITEMS)
    procedures = _of(final, CodeSystem.ICD10PCS)
    require_at_most(lines, MOST_LINES, "CPT and HCPCS codes")
    _require_own(known, {c.code.value for c in (*lines, *procedures)}, len(diagnoses))
    number = id_.rpartition("_")[2][-20:].upper()
    return Claim(number, diagnoses, procedures, lines, service_date, known)


def _require_own(known: Known, codes: set[str], n_diagnoses: int) -> None:
    """Raise DecisionError where charges, dates or pointers are about what the note has not."""
    for name in ("charges", "procedure_dates", "pointers"):
        if not codes.issuperset(getattr(known, name)):
            raise DecisionError(f"{name} names a code that is not an accepted one of the note.")
    if any(max(pointers) > n_diagnoses for pointers in known.pointers.values()):
        raise DecisionError(f"pointers may go to 1 to {n_diagnoses}, the diagnoses of the note.")


def is_external(diagnosis: CodeState) -> bool:
    """Tell whether a diagnosis is the external cause of another one."""
    return diagnosis.code.value[0] in _EXTERNAL


def require_at_most(codes: Sequence[CodeState], most: int, what: str) -> None:
    """Raise ConflictError where a claim has no room for all of the codes."""
    if len(codes) > most:
        raise ConflictError(
            f"The note has {len(codes)} {what}; this claim takes {most}. Reopen the note and "
            "reject the least important ones, or bill them on a second claim by hand."
        )


def poa(diagnosis: CodeState) -> str:
    """Return the indicator as 5010 has it: nothing for what is exempt from it."""
    return "" if diagnosis.poa == _EXEMPT else diagnosis.poa


def require_poa(diagnoses: Sequence[CodeState]) -> None:
    """Raise ConflictError where a diagnosis has no POA indicator, naming its sequence."""
    without = [str(c.sequence) for c in diagnoses if not c.poa]
    if without:
        raise ConflictError(
            f"POA is not stated for the codes at {', '.join(without)} of the sequence. An "
            "inpatient claim needs Y, N, U or W, or 1 for a code that is exempt: reopen the note."
        )


def plain(code: CodeState) -> str:
    """Return a code as X12 has it: without its dot."""
    return code.code.value.replace(".", "")


def _of(codes: Sequence[CodeState], *systems: CodeSystem) -> tuple[CodeState, ...]:
    return tuple(c for c in codes if c.code.system in systems)
