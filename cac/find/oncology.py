"""Read off the shorthand of cancer care: receptors ("ER+/PR-/HER2-") and cycles ("C3D1 FOLFOX")."""

from __future__ import annotations

from collections.abc import Iterator

from cac.find.read_off import Found, found_at
from cac.lower_case import compile_lowered, lowered

_SAID = r"[\s:(-]{0,2}(?P<%s>\+|pos\w*|neg\w*|-(?!\w)|−)"
_HORMONE = compile_lowered(r"\b(?:ER|estrogen receptor|ER ?/ ?PR|HR)" + _SAID % "er")
_PROGESTERONE = compile_lowered(r"\bPR" + _SAID % "pr")
_HER2 = compile_lowered(r"\bHER-?2(?:[ /-]?neu)?" + _SAID % "her")
_TRIPLE = compile_lowered(r"\btriple[- ]neg\w*|\bTNBC\b")
_BREAST = compile_lowered(r"\bbreast\b|\bIDC\b|\bILC\b|\bTNBC\b")
_CODES = {"++": "Z17.410", "+-": "Z17.411", "-+": "Z17.420", "--": "Z17.421"}
_CYTOTOXIC = (
    r"folfox\w*|folfiri\w*|folfirinox|xelox|capox|r-?chop|abvd|bep|ac-?t|tchp?|dd ?ac|chemo\w*"
    r"|carbo\w*|cis(?:plat\w*)?|oxali\w*|pem(?:etrexed)?|(?:pacli|doce)?taxe?l|taxol|taxotere"
    r"|abraxane"
    r"|gem(?:citabine|zar)?|etoposide|vincristine|doxorubicin|adriamycin|5-?fu|irinotecan|topotecan"
    r"|azacitidine|decitabine|bendamustine|eribulin|vinorelbine"
)
_IMMUNE = (
    r"pembro(?:lizumab)?|keytruda|nivo(?:lumab)?|opdivo|ipi(?:limumab)?|atezo(?:lizumab)?"
    r"|durva(?:lumab)?|avelumab|cemiplimab"
)
_CYCLE = compile_lowered(
    r"\b(?:C\d{1,2}\s?D\d{1,2}|C\d{1,2}|cycle\s?#?\d{1,2}(?:,? day \d{1,2})?)\b"
    r"(?P<drugs>[^.;\n]{0,45})"
)
_ON_THE_DAY = compile_lowered(
    r"\b(?:today|here for|presents for|presenting for|admit(?:ted)? for|in for|due for|infus\w+"
    r"|proceed with|visit)\b"
)
_GIVEN = (
    (compile_lowered(rf"(?<![a-z])(?:{_CYTOTOXIC})(?![a-z])"), "Z51.11"),
    (compile_lowered(rf"(?<![a-z])(?:{_IMMUNE})(?![a-z])"), "Z51.12"),
)


def read_oncology(text: str) -> Iterator[Found]:
    """Yield receptor status of a breast cancer, and the encounter of a cycle given today."""
    lower = lowered(text)
    yield from _read_receptors(lower)
    for match in _CYCLE.finditer(lower):
        around = lower[max(0, match.start() - 40) : match.end() + 20]
        if _ON_THE_DAY.search(around):
            for pattern, code in _GIVEN:
                if pattern.search(match["drugs"]):
                    yield found_at(match, code, "Cycle of antineoplastic therapy")


def _read_receptors(lower: str) -> Iterator[Found]:
    if not _BREAST.search(lower):
        return
    triple = _TRIPLE.search(lower)
    if triple:
        yield found_at(triple, "Z17.421", "Receptor status")
        return
    hormone = _HORMONE.search(lower)
    if hormone is None:
        return
    growth, second = _HER2.search(lower), _PROGESTERONE.search(lower)
    sign = _sign(hormone["er"])
    if second is not None and _sign(second["pr"]) == "+":
        sign = "+"
    if growth is not None:
        yield found_at(growth, _CODES[sign + _sign(growth["her"])], "Receptor status")
    else:
        yield found_at(hormone, "Z17.0" if sign == "+" else "Z17.1", "Receptor status")


def _sign(written: str) -> str:
    return "+" if written[0] in "+pP" else "-"
