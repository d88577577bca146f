"""Codes read off the story of a birth: the newborn's own (Z38), and the mother's outcome (Z37)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cac.find.read_off import Found, found_at
from cac.lower_case import compile_lowered, lowered

_NEWBORN = compile_lowered(
    r"\b(?:newborn|neonate|NICU|DOL\s?#?\d|\d+\s?HOL|day of life|hours? of life|ex-\s?\d\d\s?-?w"
    r"|infant of|well baby nursery"
    r"|(?:(?:pre)?term|FT) (?:male|female|infant|boy|girl|baby|AGA|SGA|LGA)|finnegan"
    r"|\d\d(?:\s?\+\s?\d)?(?:/7)?[\s-]?w(?:ee)?k?s?\s(?:old )?(?:male|female|boy|girl|infant|baby)"
    r"|twin [AB]\b|baby (?:boy|girl)(?= (?:born|delivered)))"
)
_OF_THE_MOTHER = compile_lowered(
    r"\bG\d+\s?P\d|\b\d\d\s?-?(?:y/?o|yo|yrs?|year)\b|\b[1-5]\dF\b|\bgravida|\b(?:primi|multi)p"
    r"|\bpostpartum|\bPP\s?(?:day|D)\s?\d|\bPPD\s?#?\d|\bEBL\b|\blochia|\bfundus"
)
_BORN_TO = compile_lowered(
    r"\bborn (?:[\w-]+ ){0,6}?to (?:an? )?\d\d|\bborn to\b|\binfant of\b"
    r"|\bmaternal (?:age|history|labs)\b"
)
_MOTHERS_AGE = re.compile(
    r"\bborn\b.{0,70}?\bto (?:an? )?\d\d[\s-]?(?:y/?o|yo|yrs?|years?)\b(?:[\s-]old)?"
)
_OLDER = compile_lowered(
    r"\b(?:29|[3-9]\d|\d{3})[\s-]?(?:days? (?:of life|old)|d/?o\b)"
    r"|\b\d{1,2}[\s-]?(?:mo|months?|y/?o|yrs?|years?)\b(?:[\s-]old|[\s/]o\b)"
)
_CESAREAN = r"\b(?:p|r|repeat |primary )?LTCS\b|\bc[-/ ]?s(?:ect(?:ion)?)?\b|\bca?esarean\b"
_VAGINAL = (
    r"\b(?:N?SV[DB]|SVB|VBAC|VAVD|FAVD)\b|\bvaginal(?:ly)? (?:birth|delivery|delivered)?"
    r"|\bborn vaginally|\bspontaneous vaginal"
)
_MODE = compile_lowered(rf"(?P<cesarean>{_CESAREAN})|(?P<vaginal>{_VAGINAL})")
_ELSEWHERE = compile_lowered(
    r"\btransfer(?:red)? (?:in |here )?from\b|\bOSH\b|\boutside hospital|\boutborn\b|\breadmi"
    r"|\btransferred in\b"
)
_ON_THE_WAY = compile_lowered(
    r"\b(?:born|deliver(?:ed|y)) (?:at home|en route|in (?:the |an )?(?:car|ambulance))"
    r"|\bhome birth"
)
_TWIN = compile_lowered(r"\btwins?\b|\bmate (?:live|still)born")
_DELIVERED = compile_lowered(
    rf"{_CESAREAN}|{_VAGINAL}|\bdelivered\b|\bvacuum(?:[- ]assist\w*)?|\bforceps\b"
)
_OUTCOME = compile_lowered(
    r"\b(?P<stillborn>stillborn|stillbirth|fetal demise|IUFD)\b"
    r"|\b(?P<liveborn>live[- ]?born|live birth|(?:viable|vigorous|healthy|live|liveborn)"
    r" (?:male|female|infant|baby|boy|girl|newborn|singleton)\b|baby (?:boy|girl)\b"
    r"|apgars?\b(?=\D{0,4}\d))"
)


def is_newborn(text: str) -> bool:
    """Tell whether a note is of a newborn (28 days at most), not of the mother."""
    # The age first: it stands at the beginning of most notes.
    if _OLDER.search(lowered(_without_mother(text))):
        return False
    lower = lowered(text)
    if not _NEWBORN.search(lower):
        return False
    return bool(_BORN_TO.search(lower)) or not _OF_THE_MOTHER.search(lower)


def _without_mother(text: str) -> str:
    """Return a text without the age of the mother ("born to a 29 year old G2P1")."""
    return _MOTHERS_AGE.sub("", text) if "born" in text else text


def read_births(text: str, *, newborn: bool) -> Iterator[Found]:
    """Yield the code of a birth: Z38 in a newborn's note, Z37 in the mother's.

    To be asked of inpatient notes only. A newborn that came from elsewhere has no Z38
    (guideline I.C.16.a.2).
    """
    lower = lowered(text)
    if newborn:
        mode = _MODE.search(lower)
        code = liveborn_code(lower, mode) if mode and not _ELSEWHERE.search(lower) else ""
        if mode and code:
            yield found_at(mode, code, "Liveborn infant, by place and delivery")
    else:
        outcome = _OUTCOME.search(lower)
        if outcome and _DELIVERED.search(lower):
            yield found_at(outcome, outcome_code(lower, outcome), "Outcome of delivery")


def liveborn_code(lower: str, mode: re.Match[str]) -> str:
    """Return the Z38 code of one or of twins, in hospital or before admission."""
    twin = bool(_TWIN.search(lower))
    if _ON_THE_WAY.search(lower):
        return "Z38.4" if twin else "Z38.1"
    return f"Z38.{'3' if twin else '0'}{'1' if mode['cesarean'] else '0'}"


def outcome_code(lower: str, outcome: re.Match[str]) -> str:
    """Return the Z37 code of one or two infants."""
    if outcome["stillborn"]:
        return "Z37.1"
    return "Z37.2" if _TWIN.search(lower) else "Z37.0"
