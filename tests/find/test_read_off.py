"""Codes read off the story of a birth and off measures."""

import pytest

from cac.find.births import is_newborn, read_births
from cac.find.extents import alcohol_code, burn_code, read_extents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Newborn girl, DOL 1, born by NSVD in this hospital.", True),
        ("Term male, born to a 31 year old G2P2, repeat C-section.", True),
        ("31yo G2P1 at 39w1d, primary LTCS, viable male.", False),
        ("Infant of diabetic mother, now 4 months old, growing well.", False),
        ("Postpartum day 2, newborn in the nursery.", False),
    ],
)
def test_whose_note_it_is(text: str, expected: bool) -> None:
    assert is_newborn(text) is expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Newborn girl, DOL 1, born by NSVD in this hospital.", "Z38.00"),
        ("Newborn boy by repeat C-section, 39 wks.", "Z38.01"),
        ("Newborn twin B, vaginal birth, mate liveborn.", "Z38.30"),
        ("Newborn girl, vaginal delivery in the car, doing well.", "Z38.1"),
        ("31yo G2P1, SVD of a viable female, Apgars 8 and 9.", "Z37.0"),
        ("28yo G1, induction for IUFD, SVD of a stillborn boy.", "Z37.1"),
        ("30yo G3, C-section of twins, viable male and viable female.", "Z37.2"),
    ],
)
def test_a_birth(text: str, code: str) -> None:
    found = read_births(text, newborn=is_newborn(text))
    assert [candidate.code.value for _, candidate in found] == [code]


def test_who_came_from_elsewhere_was_not_born_here() -> None:
    text = "Newborn boy, C-section, transferred from an outside hospital to NICU."
    assert list(read_births(text, newborn=True)) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Burns of chest and arm, 22% TBSA, 15% full thickness.", ["T31.21"]),
        ("Partial thickness burn of the hand, 2% TBSA.", ["T31.0"]),
        ("Third degree burns of both legs, TBSA 18%.", ["T31.11"]),
        ("SJS with 12% BSA detached.", ["L49.1"]),
        ("Left MCA stroke, NIHSS 12 on arrival.", ["R29.712"]),
        ("Intoxicated, BAL 282.", ["Y90.8"]),
        ("Psoriasis, 12% BSA. Drinks EtOH 2 x a week.", []),
    ],
)
def test_a_measure(text: str, codes: list[str]) -> None:
    assert [candidate.code.value for _, candidate in read_extents(text)] == codes


def test_bounds() -> None:
    assert burn_code(9, 9) == "T31.0"
    assert burn_code(99, 95) == "T31.99"
    assert [alcohol_code(n) for n in (10, 0.08, 119, 239, 240)] == [
        "Y90.0",
        "Y90.4",
        "Y90.5",
        "Y90.7",
        "Y90.8",
    ]
