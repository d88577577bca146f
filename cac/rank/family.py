"""Family history codes (Z80 to Z84) for what the note says of a relative."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from cac.coding import Mention
from cac.lower_case import compile_lowered
from cac.note import AnnotatedNote, Assertion
from cac.rank.assertions import cue_text
from cac.rank.ranges import N_CACHED, CodeRanges, RangeTable
from cac.rank.rule_data import load_rules


@lru_cache(maxsize=N_CACHED)
def family_code(value: str) -> str | None:
    """Return the Z80 to Z84 code to which a relative's disease is classified, if any."""
    targets, table = _table()
    target = next((targets[row] for row in table.rows_with(value)), None)
    return value if target == "=" else target


def is_family(annotated: AnnotatedNote, mention: Mention) -> bool:
    """Tell a blood relative from a room mate, a spouse or a sick contact."""
    cues = cue_text(annotated, mention, Assertion.OTHER_SUBJECT).lower()
    if _pattern("others").search(cues):
        return False
    return mention.section == "family_history" or bool(_pattern("relatives").search(cues))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return compile_lowered("|".join(load_rules("family")[name]))


@cache
def _table() -> tuple[list[str | None], RangeTable]:
    rows = load_rules("family")["table"]
    return [row["to"] for row in rows], RangeTable(CodeRanges(row["codes"]) for row in rows)
