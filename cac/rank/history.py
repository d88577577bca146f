"""Past diseases: kept where chronic, else turned into the personal history code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from cac.codes import Icd10cm
from cac.lower_case import compile_lowered
from cac.note import Assertion
from cac.rank.context import Context
from cac.rank.ranges import N_CACHED, CodeRanges, RangeTable
from cac.rank.rule_data import load_rules

_IN_REMISSION = re.compile(r"(?<!not having achieved remission, )\bin remission\b", re.IGNORECASE)
KEEP, DROP = "keep", "drop"
_HEALING = re.compile(r"S.{6}[DEFGHJKMNPQR]")
_LONG_PAST = re.compile(r"\b(?:healed|remote|old|h/o|hx|history|years?|yrs?)\b")
_PAST_SECTIONS = frozenset({"past_medical_history", "past_surgical_history", "obstetric_history"})


@dataclass(frozen=True, slots=True)
class HistoryRule:
    """One row: the codes it holds for and what they become."""

    ranges: CodeRanges
    exceptions: CodeRanges
    targets: tuple[str, ...]
    by_section: bool
    recent: bool
    malignancy: bool

    def __contains__(self, value: object) -> bool:
        return value in self.ranges and value not in self.exceptions

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> HistoryRule:
        """Read a row of ``rules/history.json``."""
        to = row["to"]
        return cls(
            ranges=CodeRanges(row["codes"]),
            exceptions=CodeRanges(row.get("except", ())),
            targets=(to,) if isinstance(to, str) else tuple(to),
            by_section=row.get("by_section", False),
            recent=row.get("recent", False),
            malignancy=row.get("kind") == "malignancy",
        )


def history_code(value: str, assertion: Assertion, context: Context, codes: Icd10cm) -> str:
    """Return what a mention's code becomes: itself, a history code, or ``drop``.

    Past is what the text calls past; what stands under past medical history and by its nature
    passes (an infarction, a pneumonia); and a malignancy of which the sentence says that it was
    removed or is in remission, with no sign of current disease.
    """
    if _HEALING.fullmatch(value) and not _LONG_PAST.search(context.window):
        return value  # still seen to: "6 wks s/p ORIF of an ankle fracture, healing well"
    if corrected := _corrected_code(value, context):
        return corrected
    if remitted := _remitted_code(value, context, codes):
        return remitted
    rule = _rule_of(value)
    if rule is None or not _is_past(rule, assertion, context):
        return value
    target = next((t for t in rule.targets if t in (KEEP, DROP) or codes.is_valid(t)), KEEP)
    if target == KEEP and assertion is Assertion.HISTORICAL:
        return _outgrown_code(value, context) or value
    return value if target == KEEP else target


def _is_past(rule: HistoryRule, assertion: Assertion, context: Context) -> bool:
    if rule.recent and _pattern("recent_cues").search(context.window):
        return False
    if rule.malignancy:
        past = assertion is Assertion.HISTORICAL or _pattern("past_cues").search(context.window)
        return bool(past) and not _pattern("current_cues").search(context.window)
    if assertion is Assertion.HISTORICAL:
        return True
    return rule.by_section and (context.section in _PAST_SECTIONS or context.past_list)


def _remitted_code(value: str, context: Context, codes: Icd10cm) -> str:
    """Return the sibling "in remission" where the classification has one and the text says so."""
    if not _remits(value) or not _pattern("remission_cues").search(context.window):
        return ""
    siblings = codes.children(codes.parent(value) or value) if codes.is_valid(value) else ()
    return next((s for s in siblings if _IN_REMISSION.search(codes.title(s))), "")


@lru_cache(maxsize=N_CACHED)
def _remits(value: str) -> bool:
    return value in _remitting()


@cache
def _remitting() -> CodeRanges:
    return CodeRanges(load_rules("history")["remits"])


def _outgrown_code(value: str, context: Context) -> str:
    """Return the history code of a lasting disease that the text says is no more."""
    if not _pattern("outgrown_cues").search(context.window):
        return ""
    return next((rule.targets[0] for rule in _table("outgrown") if value in rule), "")


def _corrected_code(value: str, context: Context) -> str:
    if value[0] != "Q" or not _pattern("corrected_cues").search(context.window):
        return ""
    return next((rule.targets[0] for rule in _table("corrected") if value in rule), "")


@lru_cache(maxsize=N_CACHED)
def _rule_of(value: str) -> HistoryRule | None:
    rules = [_table("table")[row] for row in _ranges_of_table().rows_with(value)]
    return next((rule for rule in rules if value not in rule.exceptions), None)


@cache
def _ranges_of_table() -> RangeTable:
    return RangeTable(rule.ranges for rule in _table("table"))


@cache
def _table(name: str) -> tuple[HistoryRule, ...]:
    return tuple(HistoryRule.from_row(row) for row in load_rules("history")[name])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return compile_lowered("|".join(load_rules("history")[name]))
