"""Every code that a rule file names exists in the release in force."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import pytest

from cac.rank import Convention, convention_names
from cac.rank.combinations import combination_rules
from cac.rank.family import family_code
from cac.rank.kinds import Kind, kind_of
from cac.rank.ranges import CodeRanges, RangeTable
from cac.rank.rule_data import load_rules

if TYPE_CHECKING:
    from cac.codes import Icd10cm


def _targets(rows: list[dict[str, Any]]) -> list[str]:
    found = [row["to"] for row in rows]
    flat = [t for to in found for t in (to if isinstance(to, list) else [to])]
    return [t for t in flat if t and t not in ("keep", "drop", "=")]


def test_family_targets_are_billable_and_complete(icd10cm: Icd10cm) -> None:
    targets = set(_targets(load_rules("family")["table"]))
    assert all(icd10cm.is_billable(t) for t in targets)
    codes = {
        c for block in ("Z80", "Z81", "Z82", "Z83", "Z84") for c in icd10cm.billable_under(block)
    }
    # What no disease code stands for: the index reaches these by words alone.
    assert codes - targets == {
        "Z82.8", "Z83.711", "Z83.718", "Z84.3", "Z84.82", "Z84.A",
    }  # fmt: skip


def test_history_targets_are_billable_and_complete(icd10cm: Icd10cm) -> None:
    rules = load_rules("history")
    targets = set(_targets(rules["table"])) | set(_targets(rules["corrected"]))
    assert all(icd10cm.is_billable(t) for t in targets)
    codes = {
        c for block in ("Z85", "Z86.0", "Z86.1", "Z86.7") for c in icd10cm.billable_under(block)
    }
    assert codes - targets == {
        "Z86.00A", "Z86.0102", "Z86.0109",
    }  # fmt: skip


def test_every_range_of_every_rule_file_holds_a_code(icd10cm: Icd10cm) -> None:
    values = _billable(icd10cm)
    empty = set()
    for name in (
        "family",
        "history",
        "integral",
        "specificity",
        "kinds",
        "notes",
        "uncertain",
        "lifts",
    ):
        for text in _range_texts(load_rules(name)):
            if not _holds(text, values):
                empty.add((name, text))
    assert not empty


def _range_texts(data: Any) -> set[str]:
    if isinstance(data, dict):
        return {t for key, v in data.items() if key not in ("about", "to") for t in _range_texts(v)}
    if isinstance(data, list):
        return {t for item in data for t in _range_texts(item)}
    pattern = r"[A-Z]\d?[0-9A-Z]?[0-9A-Z.]*=?(?:-[A-Z]\d[0-9A-Z.]*)?"
    return {data} if isinstance(data, str) and re.fullmatch(pattern, data) and data[1:2] else set()


def test_combination_rules_name_codes_that_exist(icd10cm: Icd10cm) -> None:
    values = _billable(icd10cm)
    rules = combination_rules()
    assert len({rule.name for rule in rules}) >= 80
    for rule in rules:
        assert all(icd10cm.is_billable(code) for code in rule.gives), rule
        groups = [*rule.all_of, *rule.sequence, rule.drops, rule.none_of]
        for ranges in (g for g in groups if g.texts):
            for text in ranges.texts:
                assert _holds(text, values), (rule.name, text)


def _billable(icd10cm: Icd10cm) -> list[str]:
    return sorted(v for v in icd10cm if icd10cm.is_billable(v))


def _holds(text: str, values: list[str]) -> bool:
    """Tell whether both ends of a range are the beginning of a code."""
    if "?" in text:
        return any(value in CodeRanges([text]) for value in values)
    first, _, last = text.partition("-")
    nearest = [values[min(bisect_left(values, s), len(values) - 1)] for s in (first, last or first)]
    return nearest[0].startswith(first) and nearest[1].startswith(last)


def test_integral_pairs_are_many_and_reach_the_signs(icd10cm: Icd10cm) -> None:
    pairs = load_rules("integral")["pairs"]
    n_pairs = sum(len(p["signs"]) * len(p["diagnoses"]) for p in pairs)
    assert n_pairs >= 120
    signs = {s for p in pairs for s in p["signs"]}
    assert {s[:2] for s in signs} >= {f"R{n}" for n in range(10)} - {"R9", "R8"}
    assert kind_of("M25.561") is kind_of("M54.50") is Kind.SIGN


@pytest.mark.parametrize("name", convention_names())
def test_each_convention_reads_back_as_it_was(name: str) -> None:
    convention = Convention.load(name)
    assert Convention.from_dict(convention.to_dict()) == convention


def test_every_disease_chapter_has_a_family_answer(icd10cm: Icd10cm) -> None:
    for chapter in "ABCDEFGHIJKLMNQ":
        values = [v for v in icd10cm if v[0] == chapter and icd10cm.is_billable(v)]
        reached = [v for v in values if family_code(v)]
        assert len(reached) > 0.9 * len(values), chapter


@pytest.mark.parametrize("name", ["integral", "specificity"])
def test_a_table_finds_the_rows_that_hold_a_code(icd10cm: Icd10cm, name: str) -> None:
    rules = next(v for v in load_rules(name).values() if isinstance(v, list))
    rows = [CodeRanges(codes) for row in rules for codes in row.values() if isinstance(codes, list)]
    table = RangeTable(rows)
    for value in list(icd10cm)[::50]:
        assert table.rows_with(value) == tuple(n for n, row in enumerate(rows) if value in row)
