"""Codes that are read off a number: body mass index, weeks of gestation, prematurity."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cac.find.read_off import Found, found_at

_BMI = re.compile(
    r"\b(?:BMI|body mass index)\b\D{0,12}?(\d{2}(?:\.\d{1,2})?)\b(?!\s*%)", re.IGNORECASE
)
_WEIGHT_DIAGNOSIS = re.compile(
    r"\b(?:obes\w+|overweight|underweight|malnutrition|malnourished|cachexia|anorexia|bariatric)\b",
    re.IGNORECASE,
)
_WEEKS = re.compile(
    r"\b(\d{1,2})\s?(?:\+\s?\d(?:/7)?|(?:and\s)?\d/7)?\s?[- ]?"
    r"(?:weeks?|wks?|w(?=\d?d?\b))(?:\s?\d\s?d(?:ays?)?)?"
    r"(?![\w]*\s+(?:ago|old|later|postpartum|post|after|history|follow|hx|s/p|f/u))",
    re.IGNORECASE,
)
_WEEKS_PLUS_DAYS = re.compile(r"\b(\d{2})\s?\+\s?[0-6](?:/7)?(?![\d/.]|\s?w)")  # "at 33+4"
_WEEKS_AND_DAYS = re.compile(r"\b\d{1,2}\s?w\s?\d\s?d\b", re.IGNORECASE)
_PREGNANT = re.compile(
    r"\b(?:pregnan\w+|gestation\w*|gravid\w*|G\d\s?P\d|IUP|EDD|EGA|trimester|prenatal|antenatal|fetal|fetus|FHT"
    r"|preeclampsia|pre-eclampsia|labou?r|abortion|obstetric\w*)",
    re.IGNORECASE,
)
_NEWBORN = re.compile(
    r"\b(?:NICU|newborn|neonat\w+|preterm infant|premature infant|preemie|infant born)\b",
    re.IGNORECASE,
)
_BIRTH_WEIGHT = re.compile(
    r"\b(?:BW|birth ?weight)\D{0,8}?(\d{3,4})\s?(?:g|grams?)\b"
    r"|\b(\d{3,4})\s?(?:g|gm|grams?)\s(?:baby|infant|newborn|neonate|male|female|boy|girl)\b",
    re.IGNORECASE,
)
_BANDS = (
    (500, "P07.01"), (750, "P07.02"), (1000, "P07.03"), (1250, "P07.14"),
    (1500, "P07.15"), (1750, "P07.16"), (2000, "P07.17"), (2500, "P07.18"),
)  # fmt: skip


def read_numbers(text: str, *, newborn: bool = False) -> Iterator[Found]:
    """Yield the spans whose number decides a code, with that code.

    ``newborn`` tells that the note is a newborn's by what it says beside the numbers.

    A body mass index counts only beside a diagnosis of weight (guideline I.B.14).
    """
    # The numbers first: few notes have them, and words are slower to look for.
    lowered = text.lower()
    masses = list(_BMI.finditer(text)) if "bmi" in lowered or "body mass" in lowered else ()
    if masses and _WEIGHT_DIAGNOSIS.search(text):
        for match in masses:
            yield found_at(match, bmi_code(float(match[1])), "Body mass index")
    weeks = [m for m in _WEEKS.finditer(text) if newborn or _tells_gestation(text, m)]
    if "+" in text and not newborn:
        weeks += [m for m in _WEEKS_PLUS_DAYS.finditer(text) if _tells_gestation(text, m)]
    weights = (
        list(_BIRTH_WEIGHT.finditer(text))
        if newborn or "bw" in lowered or "birth" in lowered
        else ()
    )
    newborn = newborn or bool((weeks or weights) and _NEWBORN.search(text))
    for match in weeks:
        code = prematurity_code(int(match[1])) if newborn else gestation_code(int(match[1]))
        if code and (newborn or _PREGNANT.search(text) or _WEEKS_AND_DAYS.search(text)):
            yield found_at(match, code, "Weeks of gestation")
    for match in weights if newborn else ():
        grams = int(match[1] or match[2])
        code = next((code for below, code in _BANDS if grams < below), "")
        if code:
            yield found_at(match, code, "Low birth weight")


def _tells_gestation(text: str, match: re.Match[str]) -> bool:
    """Tell whether words of pregnancy or prematurity stand beside the weeks."""
    near = text[max(0, match.start() - 60) : match.end() + 60]
    return bool(
        _PREGNANT.search(near) or _NEWBORN.search(near) or re.search(r"\d\s?w\s?\d", match.group())
    )


def bmi_code(value: float) -> str:
    """Return the adult code of a body mass index in kg/m2."""
    if value < 20:
        return "Z68.1"
    if value < 40:
        return f"Z68.{int(value)}"
    bounds = ((45, "41"), (50, "42"), (60, "43"), (70, "44"))
    return "Z68." + next((digits for below, digits in bounds if value < below), "45")


def gestation_code(weeks: int) -> str:
    """Return the Z3A code of completed weeks; empty outside 4 to 42."""
    if not 4 <= weeks <= 42:
        return ""
    return "Z3A.01" if weeks < 8 else f"Z3A.{weeks:02d}"


def prematurity_code(weeks: int) -> str:
    """Return the code of a preterm newborn by completed weeks; empty at term."""
    if weeks < 20 or weeks > 36:
        return ""
    if weeks < 28:
        return "P07.21" if weeks < 23 else f"P07.2{weeks - 21}"
    return f"P07.3{weeks - 27}"
