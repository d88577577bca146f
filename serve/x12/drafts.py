"""The claim itself, professional (837P) or institutional (837I)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cac.note import Setting
from serve.review import CodeState
from serve.x12.claim import (
    MOST_EXTERNAL,
    MOST_OTHER,
    MOST_PROFESSIONAL,
    Claim,
    is_external,
    plain,
    poa,
    require_at_most,
    require_poa,
)
from serve.x12.known import NO_DAY
from serve.x12.parties import opening, person
from serve.x12.segments import composite, day, interchange, segment

PROFESSIONAL, INSTITUTIONAL = "005010X222A1", "005010X223A2"
_NO_CODE = "XXXXX"
_HI_WIDTH = 12


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, and which guide it follows."""

    guide: str
    text: str


def draft_of(claim: Claim, setting: Setting | None, *, at: datetime) -> Draft:
    """Return the draft: institutional for inpatients, professional for everybody else.

    Raises:
        ConflictError: the codes do not fit into one claim, or lack what it needs.
    """
    guide = INSTITUTIONAL if setting is Setting.INPATIENT else PROFESSIONAL
    make = _institutional if guide == INSTITUTIONAL else _professional
    known = claim.known
    text = interchange(
        [*opening(claim, at), *make(claim)], guide=guide,
        sender=known.submitter.identifier, receiver=known.receiver.identifier, at=at,
    )  # fmt: skip
    return Draft(guide, text)


def _professional(claim: Claim) -> Iterator[str]:
    require_at_most(claim.diagnoses, MOST_PROFESSIONAL, "diagnoses")
    place = composite(claim.known.place_of_service, "B", "1")
    yield segment("CLM", claim.control_number, claim.charge(), "", "", place, "N", "C", "N", "I")
    yield _claim_note(claim, with_pointers=True)
    yield segment(
        "HI", *(composite("ABF" if n else "ABK", plain(c)) for n, c in enumerate(claim.diagnoses))
    )
    for number, code, charge in _lines(claim):
        pointers = claim.known.pointers.get(code, [1])
        yield segment("LX", number)
        yield segment(
            "SV1", composite("HC", code), charge, "UN", "1", "", "",
            composite(*(str(pointer) for pointer in pointers)),
        )  # fmt: skip
        yield segment("DTP", "472", "D8", day(_performed(claim, code)))


def _institutional(claim: Claim) -> Iterator[str]:
    known = claim.known
    require_poa(claim.diagnoses)
    bill = composite("11", "A", "1")  # a hospital's inpatient bill, from admission to discharge
    yield segment("CLM", claim.control_number, claim.charge(), "", "", bill, "", "C", "N", "I")
    first = known.statement_from or claim.service_date or NO_DAY
    last = known.statement_through or known.statement_from or claim.service_date or NO_DAY
    yield segment("DTP", "434", "RD8", f"{day(first)}-{day(last)}")
    if known.admitted:
        yield segment("DTP", "435", "D8", day(known.admitted))
    yield segment("CL1", known.admission_type, known.admission_source, known.patient_status)
    yield _claim_note(claim, with_pointers=False)
    yield from _diagnoses(claim)
    yield from _procedures(claim)
    yield person("71", known.attending, "XX", known.attending.npi)
    for number, code, charge in _lines(claim):
        yield segment("LX", number)
        done = composite("HC", code) if claim.lines else ""
        yield segment("SV2", known.revenue_code, done, charge, "UN", "1")


def _diagnoses(claim: Claim) -> Iterator[str]:
    principal, *others = claim.diagnoses
    external = [c for c in others if is_external(c)]
    others = [c for c in others if not is_external(c)]
    require_at_most(others, MOST_OTHER, "diagnoses beside the principal one")
    require_at_most(external, MOST_EXTERNAL, "external causes")
    yield segment("HI", _diagnosis("ABK", principal))
    if claim.known.admitting_diagnosis:
        yield segment("HI", composite("ABJ", claim.known.admitting_diagnosis.replace(".", "")))
    yield from _in_twelves([_diagnosis("ABN", code) for code in external])
    yield from _in_twelves([_diagnosis("ABF", code) for code in others])


def _diagnosis(qualifier: str, code: CodeState) -> str:
    return composite(qualifier, plain(code), *[""] * 6, poa(code))


def _procedures(claim: Claim) -> Iterator[str]:
    if not claim.procedures:
        return
    principal, *others = claim.procedures
    require_at_most(others, MOST_OTHER, "procedures beside the first one")
    yield segment("HI", _procedure(claim, "BBR", principal))
    yield from _in_twelves([_procedure(claim, "BBQ", code) for code in others])


def _procedure(claim: Claim, qualifier: str, code: CodeState) -> str:
    performed = claim.known.procedure_dates.get(code.code.value, NO_DAY)
    return composite(qualifier, plain(code), "D8", day(performed))


def _in_twelves(composites: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(composites), _HI_WIDTH):
        yield segment("HI", *composites[start : start + _HI_WIDTH])


def _lines(claim: Claim) -> list[tuple[str, str, str]]:
    """Return number, code and charge of each line; both guides need one, if of a placeholder."""
    codes = [c.code.value for c in claim.lines] or [_NO_CODE]
    return [(str(number), code, claim.charge(code)) for number, code in enumerate(codes, 1)]


def _performed(claim: Claim, code: str) -> date:
    return claim.known.procedure_dates.get(code) or claim.service_date or NO_DAY


def _claim_note(claim: Claim, *, with_pointers: bool) -> str:
    """Return NTE, which says what a reader must not believe; at most 80 characters."""
    said = ["DRAFT, DO NOT SUBMIT"]
    if not claim.lines:
        said.append("SERVICE LINES NOT KNOWN")
    elif with_pointers and any(c.code.value not in claim.known.pointers for c in claim.lines):
        said.append("POINTERS NOT KNOWN")
    if with_pointers and claim.procedures:
        said.append(f"{len(claim.procedures)} ICD-10-PCS LEFT OUT")
    return segment("NTE", "ADD", ". ".join(said))
