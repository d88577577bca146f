"""What stands against the codes that a coder keeps, together and in their order."""

from __future__ import annotations

from datetime import date

import pytest

from cac.coding import Code, CodeSystem
from serve.api.final_concerns import concerns_of, never_first
from serve.review import CodeState, Status

DAY = date(2026, 11, 2)


def final(*values: str, system: CodeSystem = CodeSystem.ICD10CM) -> list[CodeState]:
    return [
        CodeState(Code(system, value), "", Status.ACCEPTED, sequence=place)
        for place, value in enumerate(values, start=1)
    ]


@pytest.mark.parametrize(
    ("values", "kind", "about"),
    [
        (("E11.9", "E10.9"), "excludes1", ["E11.9", "E10.9"]),
        (("R05.1", "H42"), "manifestation", ["H42"]),
        (("H42", "E72.03"), "code-first", ["H42", "E72.03"]),
        (("D63.1", "N18.4"), "code-first", ["D63.1", "N18.4"]),
        (("W19.XXXA", "S72.001A"), "sequence", ["W19.XXXA"]),
        (("R65.20", "A41.9"), "sequence", ["R65.20"]),
        (("R05",), "not-valid", ["R05"]),
        (("Q99.ZZZ",), "not-valid", ["Q99.ZZZ"]),
    ],
)
def test_what_is_wrong_is_found(values: tuple[str, ...], kind: str, about: list[str]) -> None:
    found = [c for c in concerns_of(final(*values), DAY) if c["kind"] == kind]
    assert [c["codes"] for c in found] == [about]
    assert all(value in found[0]["message"] for value in about)


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("E11.22", "N18.32"),
        ("E72.03", "H42"),
        ("N18.4", "D63.1"),
        ("S72.001A", "W19.XXXA", "Y92.230"),
        ("A41.9", "R65.20", "N17.9"),
        ("I11.0", "I50.33"),
    ],
)
def test_nothing_is_said_of_codes_in_order(values: tuple[str, ...]) -> None:
    assert concerns_of(final(*values), DAY) == []


def test_a_code_that_was_not_valid_on_the_day_is_named() -> None:
    new_in_october = final("C78.31")
    assert concerns_of(new_in_october, DAY) == []
    (found,) = concerns_of(new_in_october, date(2026, 3, 1))
    assert (found["kind"], found["codes"]) == ("not-valid", ["C78.31"])
    assert "2026" in found["message"]


def test_other_systems_are_left_alone() -> None:
    assert concerns_of(final("0DB68ZX", system=CodeSystem.ICD10PCS), DAY) == []


@pytest.mark.parametrize(
    "value", ["Y92.230", "Z68.41", "B96.20", "T38.3X6A", "T45.515A", "H42", "F02.80", "Z3A.38"]
)
def test_what_can_never_stand_first(value: str) -> None:
    why = never_first(Code(CodeSystem.ICD10CM, value), DAY)
    assert why.startswith(f"{value} cannot stand first: ")
    assert why.endswith(").")


@pytest.mark.parametrize("value", ["I10", "T38.3X1A", "Z23", "Z38.00", "A41.9", "R07.9", "N18.4"])
def test_what_may_stand_first(value: str) -> None:
    assert never_first(Code(CodeSystem.ICD10CM, value), DAY) == ""
