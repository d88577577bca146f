"""Codes read off a measure: extent of a burn, of exfoliation, stroke scale, alcohol level."""

from __future__ import annotations

from collections.abc import Iterator

from cac.find.read_off import Found, found_at
from cac.lower_case import compile_lowered, lowered

_PERCENT = compile_lowered(
    r"(?<![\d.])(\d{1,3})(?:\.\d+)?\s?%\s?(?:of\s)?(?:TBSA|BSA|body surface)"
)
_OF_SURFACE = compile_lowered(r"\b(?:TBSA|BSA)\b\D{0,12}?(\d{1,3})(?:\.\d+)?\s?%")
_DEEP = compile_lowered(
    r"(\d{1,3})(?:\.\d+)?\s?%\s?(?:of\s)?(?:TBSA\s|BSA\s)?"
    r"(?:full[- ]thickness|third[- ]degree|3rd[- ]degree)"
    r"|\b(?:full[- ]thickness|third[- ]degree|3rd[- ]degree)\D{0,20}?(\d{1,3})(?:\.\d+)?\s?%"
)
_BURN = compile_lowered(r"\b(?:burn(?:s|ed)?|scald(?:s|ed)?)\b")
_ALL_DEEP = compile_lowered(r"\b(?:full[- ]thickness|third[- ]degree|3rd[- ]degree)\b")
_SHALLOW = compile_lowered(
    r"\b(?:partial[- ]thickness|superficial|(?:first|second|1st|2nd)[- ]degree)\b"
)
_PEELING = compile_lowered(
    r"\bstevens[- ]johnson|\bSJS\b|\btoxic epidermal|\bTEN\b|\bscalded skin|\bSSSS\b"
)
_STROKE_SCALE = compile_lowered(
    r"\b(?:NIHSS|NIH stroke scale)\b\D{0,16}?(\d{1,2})\b(?!\s?/\s?\d{2,})"
)
_STROKE = compile_lowered(r"\b(?:strokes?|CVA|infarct\w*|MCA|ACA|PCA|basilar)\b")
_ALCOHOL = compile_lowered(
    r"\b(?:BAL|BAC|EtOH(?: level)?|alcohol level|ethanol(?: level)?|blood alcohol)\b"
    r"\s*(?:level|of|was|is|:|=)?\s*(?:of\s)?(\d{2,3}|0?\.\d{2,3})\b(?!\s?%|\s?(?:y|d|w|x)\b|/)"
)
_LEVELS = (
    (20, "0"),
    (40, "1"),
    (60, "2"),
    (80, "3"),
    (100, "4"),
    (120, "5"),
    (200, "6"),
    (240, "7"),
)


def read_extents(text: str) -> Iterator[Found]:
    """Yield the codes whose digits a measure gives, each beside what it measures."""
    lower = lowered(text)
    # What few notes hold is looked for as plain text first, which takes next to no time.
    if "bsa" in lower or "body surface" in lower:
        yield from _read_surface(lower)
    scale = _STROKE_SCALE.search(lower) if "nih" in lower else None
    if scale and int(scale[1]) <= 42 and _STROKE.search(lower):
        yield found_at(scale, f"R29.7{int(scale[1]):02d}", "NIHSS score")
    level = _ALCOHOL.search(lower)
    if level:
        yield found_at(level, alcohol_code(float(level[1])), "Blood alcohol level")


def _read_surface(lower: str) -> Iterator[Found]:
    surface = _PERCENT.search(lower) or _OF_SURFACE.search(lower)
    if surface is None:
        return
    total = min(int(surface[1]), 99)
    if _BURN.search(lower):
        deep = _DEEP.search(lower)
        share = int(deep[1] or deep[2]) if deep else total if _is_all_deep(lower) else 0
        yield found_at(surface, burn_code(total, min(share, total)), "Extent of burns")
    elif _PEELING.search(lower):
        yield found_at(surface, f"L49.{total // 10}", "Extent of exfoliation")


def _is_all_deep(lower: str) -> bool:
    return bool(_ALL_DEEP.search(lower)) and not _SHALLOW.search(lower)


def burn_code(total: int, deep: int) -> str:
    """Return the T31 code of a share of the body surface, and of what is burnt in full depth."""
    return "T31.0" if total < 10 else f"T31.{total // 10}{deep // 10}"


def alcohol_code(level: float) -> str:
    """Return the Y90 code of a blood alcohol level in mg/100 ml; below 1, in g/100 ml."""
    milligrams = level * 1000 if level < 1 else level
    return "Y90." + next((digit for below, digit in _LEVELS if milligrams < below), "8")
