"""Codes read off a measure: extent of a burn, of exfoliation, stroke scale, alcohol level."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cac.find.read_off import Found, found_at

_PERCENT = re.compile(
    r"(?<![\d.])(\d{1,3})(?:\.\d+)?\s?%\s?(?:of\s)?(?:TBSA|BSA|body surface)", re.I
)
_OF_SURFACE = re.compile(r"\b(?:TBSA|BSA)\b\D{0,12}?(\d{1,3})(?:\.\d+)?\s?%", re.I)
_DEEP = re.compile(
    r"(\d{1,3})(?:\.\d+)?\s?%\s?(?:of\s)?(?:TBSA\s|BSA\s)?"
    r"(?:full[- ]thickness|third[- ]degree|3rd[- ]degree)"
    r"|\b(?:full[- ]thickness|third[- ]degree|3rd[- ]degree)\D{0,20}?(\d{1,3})(?:\.\d+)?\s?%",
    re.I,
)
_BURN = re.compile(r"\b(?:burn(?:s|ed)?|scald(?:s|ed)?)\b", re.I)
_ALL_DEEP = re.compile(r"\b(?:full[- ]thickness|third[- ]degree|3rd[- ]degree)\b", re.I)
_SHALLOW = re.compile(
    r"\b(?:partial[- ]thickness|superficial|(?:first|second|1st|2nd)[- ]degree)\b", re.I
)
_PEELING = re.compile(
    r"\bstevens[- ]johnson|\bSJS\b|\btoxic epidermal|\bTEN\b|\bscalded skin|\bSSSS\b", re.I
)
_STROKE_SCALE = re.compile(
    r"\b(?:NIHSS|NIH stroke scale)\b\D{0,16}?(\d{1,2})\b(?!\s?/\s?\d{2,})", re.I
)
_STROKE = re.compile(r"\b(?:strokes?|CVA|infarct\w*|MCA|ACA|PCA|basilar)\b", re.I)
_ALCOHOL = re.compile(
    r"\b(?:BAL|BAC|EtOH(?: level)?|alcohol level|ethanol(?: level)?|blood alcohol)\b"
    r"\s*(?:level|of|was|is|:|=)?\s*(?:of\s)?(\d{2,3}|0?\.\d{2,3})\b(?!\s?%|\s?(?:y|d|w|x)\b|/)",
    re.I,
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
    yield from _read_surface(text)
    scale = _STROKE_SCALE.search(text)
    if scale and int(scale[1]) <= 42 and _STROKE.search(text):
        yield found_at(scale, f"R29.7{int(scale[1]):02d}", "NIHSS score")
    level = _ALCOHOL.search(text)
    if level:
        yield found_at(level, alcohol_code(float(level[1])), "Blood alcohol level")


def _read_surface(text: str) -> Iterator[Found]:
    surface = _PERCENT.search(text) or _OF_SURFACE.search(text)
    if surface is None:
        return
    total = min(int(surface[1]), 99)
    if _BURN.search(text):
        deep = _DEEP.search(text)
        share = int(deep[1] or deep[2]) if deep else total if _is_all_deep(text) else 0
        yield found_at(surface, burn_code(total, min(share, total)), "Extent of burns")
    elif _PEELING.search(text):
        yield found_at(surface, f"L49.{total // 10}", "Extent of exfoliation")


def _is_all_deep(text: str) -> bool:
    return bool(_ALL_DEEP.search(text)) and not _SHALLOW.search(text)


def burn_code(total: int, deep: int) -> str:
    """Return the T31 code of a share of the body surface, and of what is burnt in full depth."""
    return "T31.0" if total < 10 else f"T31.{total // 10}{deep // 10}"


def alcohol_code(level: float) -> str:
    """Return the Y90 code of a blood alcohol level in mg/100 ml; below 1, in g/100 ml."""
    milligrams = level * 1000 if level < 1 else level
    return "Y90." + next((digit for below, digit in _LEVELS if milligrams < below), "8")
