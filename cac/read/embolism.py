"""Whether "PE" at the start of a line is a pulmonary embolism or heads a physical examination."""

from __future__ import annotations

import re

_PEEK = 80
# What goes on from the disease ...
_DISEASE = (
    r"no evidence|not (?:seen|ruled)|(?:was |been )?ruled|r/o|rule out|un(?:likely|provoked)"
    r"|provoked|submassive|massive|saddle|(?:sub)?segmental|s/p|status post|h/o|hx|diagnosed"
    r"|likely|probable|possible|suspected|concern|continu|treated|resolved|cta\b|v/q|wells"
    r"|perc\b|d-?dimer|in (?:19|20)\d\d|(?:on (?:\w+ )?)?(?:anticoag|heparin|lovenox|enoxaparin"
    r"|apixaban|eliquis|warfarin|coumadin|xarelto|rivaroxaban|dabigatran|ac\b)"
)
# ... and from the examination.
_EXAM = (
    r"gen(?:eral)?\b|vitals?|vs\b|bp\b|t(?:emp)?\b|heent|neck|lungs?\b|chest|heart|cv\b|abd|ext"
    r"|neuro|skin|alert|awake|a&o|aox|nad\b|well\b|afebrile|wd|in no|no (?:acute )?distress"
    r"|normal|unremarkable|(?:un)?changed|as (?:above|below)|per |see |deferred|exam|patient"
    r"|pt\b|wnl|benign|stable|(?:significant|notable|remarkable) for|(?:\w+ ){1,2}appearing"
)
_EMBOLISM = re.compile(rf"[\s,]*(?:{_DISEASE})", re.IGNORECASE)
_EXAM_BEGINS = re.compile(rf"[\s,]*(?:{_EXAM})", re.IGNORECASE)


def is_embolism(text: str, end: int, *, colon: bool) -> bool:
    """Tell whether the words behind "PE" speak of a disease.

    Behind a colon an examination is taken for granted, behind a dash a disease.
    """
    following = text[end : end + _PEEK]
    return bool(_EMBOLISM.match(following)) or not (colon or _EXAM_BEGINS.match(following))
