"""What stands against the codes that a coder keeps, as a set and in their order.

The concerns of a suggestion are about what the model read; these are about what goes on the claim.
They are shown and never applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Any

from cac.codes import Icd10cm, load_icd10cm
from cac.coding import Code, CodeSystem
from cac.errors import CodeSetError
from cac.rank.excludes import Notes, notes_of
from cac.rank.kinds import Kind, kind_of
from cac.rank.ranges import CodeRanges
from serve.review import CodeState

_DRUGS = range(36, 51)  # T36 to T50
_NEVER_FIRST = (
    (CodeRanges(["V00-Y99"]), "an external cause is never first (guideline I.C.20.a.6)"),
    (CodeRanges(["R65.2"]), "the infection comes first (guideline I.C.1.d.4)"),
    (CodeRanges(["R65.1"]), "the underlying condition comes first (guideline I.C.18.g)"),
    (CodeRanges(["B95-B97"]), "it names the organism of another code (guideline I.C.1.b)"),
    (CodeRanges(["Z3A"]), "the obstetric condition comes first (note at Z3A)"),
    (CodeRanges(["Z68"]), "a body mass index is reported beside a diagnosis (guideline I.B.14)"),
    (
        CodeRanges(f"T{n}.??5" for n in _DRUGS),
        "what the drug did comes first (guideline I.C.19.e.5.a)",
    ),
    (CodeRanges(f"T{n}.??6" for n in _DRUGS), "underdosing is never first (I.C.19.e.5.c)"),
)


@lru_cache(maxsize=4096)
def never_first(code: Code, day: date | None) -> str:
    """Return why a code can be neither the principal diagnosis nor listed first; "" if it can."""
    if code.system is not CodeSystem.ICD10CM:
        return ""
    for codes, why in _NEVER_FIRST:
        if code.value in codes:
            return f"{code.value} cannot stand first: {why}."
    held = _release(day)
    if held and held.is_valid(code.value) and notes_of(held).is_manifestation(code.value):
        return f"{code.value} cannot stand first: its etiology does (guideline I.A.13)."
    return ""


def concerns_of(final: Sequence[CodeState], day: date | None) -> list[dict[str, Any]]:
    """Return the concerns about the codes that stand.

    Args:
        final: In their sequence.
        day: The date of service, which decides the release; None: the one in force today.

    Returns:
        For each its ``kind``, its ``message`` and the ``codes`` that it is about. None where no
        release covers the day.
    """
    held = _release(day)
    if held is None:
        return []
    values = [c.code.value for c in final if c.code.system is CodeSystem.ICD10CM]
    notes = notes_of(held)
    found = [
        *(("not-valid", message, [v]) for v in values if (message := _invalid(held, v, day))),
        *_first(final, day),
        *_order(notes, held, values),
        *_excludes(notes, values),
    ]
    return [{"kind": kind, "message": message, "codes": codes} for kind, message, codes in found]


_Found = Iterator[tuple[str, str, list[str]]]


def _release(day: date | None) -> Icd10cm | None:
    try:
        return load_icd10cm(service_date=day)
    except CodeSetError:
        return None


def _invalid(codes: Icd10cm, value: str, day: date | None) -> str:
    if not codes.is_billable(value):
        known = "is not complete" if codes.is_valid(value) else "is not known"
        return f"{value} {known} in ICD-10-CM {codes.release}."
    entry = codes.entry(value)
    if day and entry.effective and day < entry.effective:
        return f"{value} is valid from {entry.effective} on."
    return f"{value} was valid until {entry.end}." if day and entry.end and day > entry.end else ""


def _first(final: Sequence[CodeState], day: date | None) -> _Found:
    diagnoses = [c.code for c in final if c.code.system is CodeSystem.ICD10CM]
    if diagnoses and (why := never_first(diagnoses[0], day)):
        yield "sequence", why, [diagnoses[0].value]


def _order(notes: Notes, codes: Icd10cm, values: Sequence[str]) -> _Found:
    """Find codes before what their "code first" notes name, and manifestations by themselves."""
    for place, value in enumerate(values):
        if not codes.is_valid(value) or value.startswith("T"):  # What drugs did has its own rule.
            continue
        targets = [target for _, target in notes.targets(value, "code_first")]
        named = [v for v in values if v != value and any(t.covers(v) for t in targets)]
        if late := [v for v in named if v in values[place + 1 :]]:
            yield "code-first", f"{value}: code first {', '.join(late)}.", [value, *late]
        elif not named and notes.is_manifestation(value):
            message = f"{value} is a manifestation: code its etiology first (guideline I.A.13)."
            yield "manifestation", message, [value]


def _excludes(notes: Notes, values: Sequence[str]) -> _Found:
    judged = [v for v in values if kind_of(v) in (Kind.DIAGNOSIS, Kind.STATUS)]
    for first, second in combinations(judged, 2):
        if place := notes.excluding(first, second):
            message = (
                f"{first} and {second} exclude each other (Excludes1 at {place}) unless unrelated "
                "(guideline I.A.12.a)."
            )
            yield "excludes1", message, [first, second]
