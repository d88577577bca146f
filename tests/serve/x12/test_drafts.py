"""Drafts of claims, each held to its implementation guide by pyx12."""

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from cac.coding import Code, CodeSystem
from cac.note import Setting
from serve.errors import ConflictError, DecisionError, ServeError
from serve.review import CodeState, ReviewState, Status
from serve.x12.claim import claim_of
from serve.x12.drafts import Draft, draft_of
from serve.x12.known import Known
from serve.x12.validation import faults_of, require_valid

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
PATTERNS = {7: CodeSystem.ICD10PCS, 5: CodeSystem.CPT}


def state(*codes: str, poa: str = "Y") -> ReviewState:
    """Accepted codes in this order: seven characters are ICD-10-PCS, five digits CPT."""
    made = []
    for sequence, value in enumerate(codes, 1):
        plain = "." not in value
        system = PATTERNS.get(len(value), CodeSystem.ICD10CM) if plain else CodeSystem.ICD10CM
        if plain and value[0] == "J" and len(value) == 5:
            system = CodeSystem.HCPCS
        shown = poa if system is CodeSystem.ICD10CM else ""
        made.append(
            CodeState(Code(system, value), "", Status.ACCEPTED, sequence=sequence, poa=shown)
        )
    return ReviewState(len(codes), tuple(made))


def draft(given: ReviewState, setting: Setting | None = None, **known: Any) -> Draft:
    day = date(2026, 11, 2)
    claim = claim_of(given, id_="n_00ff", service_date=day, known=Known(**known))
    return draft_of(claim, setting, at=AT)


def segments(made: Draft, name: str) -> list[list[str]]:
    split = [line.split("*") for line in made.text.replace("~", "").splitlines()]
    return [elements[1:] for elements in split if elements[0] == name]


def codes(n: int) -> list[str]:
    return [f"E11.{number}" for number in range(10, 10 + n)]


def test_a_visit_is_a_professional_claim() -> None:
    made = draft(state("N18.32", "E11.22", "99213", "J1885"), charges={"99213": "120.50"})
    assert faults_of(made.text) == []
    assert made.guide == "005010X222A1"
    assert segments(made, "HI") == [["ABK:N1832", "ABF:E1122"]]
    assert segments(made, "SV1") == [
        ["HC:99213", "120.5", "UN", "1", "", "", "1"],
        ["HC:J1885", "0", "UN", "1", "", "", "1"],
    ]
    assert segments(made, "CLM")[0][1] == "120.5"
    assert segments(made, "DTP") == [["472", "D8", "20261102"]] * 2


def test_a_stay_is_an_institutional_claim() -> None:
    made = draft(
        state("N18.32", "W01.0XXA", "E11.22", "0DTJ4ZZ", "0DTJ0ZZ", "99213"), Setting.INPATIENT,
        procedure_dates={"0DTJ4ZZ": date(2026, 11, 1)}, admitting_diagnosis="R10.9",
        admitted=date(2026, 10, 31),
    )  # fmt: skip
    assert faults_of(made.text) == []
    assert made.guide == "005010X223A2"
    assert segments(made, "HI") == [
        ["ABK:N1832:::::::Y"],
        ["ABJ:R109"],
        ["ABN:W010XXA:::::::Y"],
        ["ABF:E1122:::::::Y"],
        ["BBR:0DTJ4ZZ:D8:20261101"],
        ["BBQ:0DTJ0ZZ:D8:19000101"],
    ]
    assert segments(made, "SV2") == [["XXXX", "HC:99213", "0", "UN", "1"]]
    assert ["435", "D8", "20261031"] in segments(made, "DTP")


def test_a_draft_says_that_it_is_one_and_what_is_not_known() -> None:
    made = draft(state("N18.32", "0DTJ4ZZ"))
    [isa] = segments(made, "ISA")
    assert isa[14] == "T"
    [note] = segments(made, "NTE")
    assert note[1] == "DRAFT, DO NOT SUBMIT. SERVICE LINES NOT KNOWN. 1 ICD-10-PCS LEFT OUT"
    assert segments(made, "SV1")[0][0] == "HC:XXXXX"
    assert {name[2] for name in segments(made, "NM1")} == {"PLACEHOLDER"}
    unlinked, linked = (
        segments(draft(state("N18.32", "E11.22", "99213"), **known), "NTE")[0][1]
        for known in ({}, {"pointers": {"99213": [2, 1]}})
    )
    assert "POINTERS NOT KNOWN" in unlinked
    assert linked == "DRAFT, DO NOT SUBMIT"


def test_what_the_site_knows_stands_in_the_draft() -> None:
    made = draft(
        state("N18.32", "E11.22", "99213"),
        billing={"name": "Example Clinic", "npi": "1234567893", "state": "MI", "zip": "48823"},
        subscriber={"name": "Doe", "first_name": "Ann", "identifier": "M1"},
        sex="F", birth_date=date(1960, 2, 3), pointers={"99213": [2, 1]}, place_of_service="11",
    )  # fmt: skip
    assert faults_of(made.text) == []
    names = {name[0]: name for name in segments(made, "NM1")}
    assert names["85"][2] == "EXAMPLE CLINIC"
    assert names["85"][8] == "1234567893"
    assert names["IL"][2:4] == ["DOE", "ANN"]
    assert segments(made, "DMG") == [["D8", "19600203", "F"]]
    assert segments(made, "SV1")[0][6] == "2:1"
    assert segments(made, "CLM")[0][4] == "11:B:1"


def test_a_professional_claim_has_room_for_twelve_diagnoses() -> None:
    assert faults_of(draft(state(*codes(12), "99213")).text) == []
    with pytest.raises(ConflictError, match="13 diagnoses; this claim takes 12"):
        draft(state(*codes(13), "99213"))


def test_the_library_too_finds_a_thirteenth_diagnosis() -> None:
    full = draft(state(*codes(12))).text
    assert faults_of(full.replace("ABF:E1121~", "ABF:E1121*ABF:E1122~")) == [
        "Health Care Diagnosis Code (8)"
    ]


def test_an_institutional_claim_has_room_for_twenty_five_diagnoses() -> None:
    made = draft(state(*codes(25)), Setting.INPATIENT)
    assert faults_of(made.text) == []
    assert [len(elements) for elements in segments(made, "HI")] == [1, 12, 12]
    with pytest.raises(ConflictError, match="25 diagnoses beside"):
        draft(state(*codes(26)), Setting.INPATIENT)


def test_an_inpatient_code_needs_its_poa_or_is_exempt() -> None:
    with pytest.raises(ConflictError, match="codes at 1, 2 of the sequence"):
        draft(state("N18.32", "E11.22", poa=""), Setting.INPATIENT)
    exempt = draft(state("N18.32", poa="1"), Setting.INPATIENT)
    assert faults_of(exempt.text) == []
    assert segments(exempt, "HI") == [["ABK:N1832"]]
    assert segments(draft(state("N18.32", poa="")), "HI") == [["ABK:N1832"]]


@pytest.mark.parametrize("setting", [None, Setting.INPATIENT])
@pytest.mark.parametrize("given", [[], ["99213"], ["W01.0XXA", "N18.32"]])
def test_codes_that_make_no_claim_are_refused(given: list[str], setting: Setting | None) -> None:
    with pytest.raises(ConflictError):
        draft(state(*given), setting)


@pytest.mark.parametrize(
    "known",
    [
        {"charges": {"99214": 1}},
        {"pointers": {"99213": [2]}},
        {"procedure_dates": {"x": AT.date()}},
    ],
)
def test_what_is_known_of_other_codes_is_refused(known: dict[str, Any]) -> None:
    with pytest.raises(DecisionError):
        draft(state("N18.32", "99213"), **known)


@pytest.mark.parametrize(
    "known",
    [
        {"payer": {"name": "A*B"}},
        {"payer": {"name": "Zoë"}},
        {"payer": {"name": "a~\nISA"}},
        {"submitter": {"identifier": "X" * 16}},
        {"billing": {"npi": "12345"}},
        {"charges": {"99213": -1}},
        {"unknown": "x"},
    ],
)
def test_what_x12_cannot_hold_is_refused_without_an_echo(known: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Known(**known)
    assert "input_value" not in str(refused.value)


class Heard(logging.Handler):
    """What comes to the server's log; pytest's own handler also hears what goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def test_what_the_library_finds_is_not_logged() -> None:
    heard = Heard()
    logging.getLogger().addHandler(heard)
    found = faults_of(draft(state("N18.32"), subscriber={"state": "QQ"}).text)
    logging.getLogger().removeHandler(heard)
    assert found
    assert heard.records == []


def test_what_the_guide_does_not_know_is_named_by_its_element() -> None:
    with pytest.raises(ServeError, match=r"Subscriber State Code \(7\)") as refused:
        require_valid(draft(state("N18.32"), subscriber={"state": "QQ"}))
    assert "QQ" not in str(refused.value)
    with pytest.raises(DecisionError):
        require_valid(Draft("005010X222A1", "no X12"))
