"""Combination codes: pairs of conditions that the classification codes as one, or in sequence."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

from cac.codes import Icd10cm
from cac.rank.case import Case, Support
from cac.rank.ranges import N_CACHED, CodeRanges, RangeTable
from cac.rank.rule_data import load_rules


@dataclass(frozen=True, slots=True)
class CombinationRule:
    """One rule: where ``all_of`` are met by different codes, ``gives`` takes their place.

    ``drops`` are the codes that the result makes wrong; ``sequence`` lists what comes first.
    ``presumed`` rules hold without a link in the text (guideline I.A.15) unless the text says
    ``unless``; the others may ask for one sentence, some ``words`` in it, the same side, or that
    all would be suggested by themselves (``all_shown``).
    """

    name: str
    all_of: tuple[CodeRanges, ...]
    none_of: CodeRanges
    gives: tuple[str, ...]
    drops: CodeRanges
    sequence: tuple[CodeRanges, ...]
    all_shown: bool
    same_sentence: bool
    same_side: bool
    words: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    presumed: bool
    guideline: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> CombinationRule:
        """Read a row of ``rules/combinations.json``, its placeholders already filled."""
        return cls(
            name=row["id"],
            all_of=tuple(CodeRanges(codes) for codes in row["all_of"]),
            none_of=CodeRanges(row.get("none_of", ())),
            gives=tuple(row.get("gives", ())),
            drops=CodeRanges(row.get("drops", ())),
            sequence=tuple(CodeRanges(codes) for codes in row.get("sequence", ())),
            all_shown=row.get("all_shown", False),
            same_sentence=row.get("same_sentence", False),
            same_side=row.get("same_side", False),
            words=_compiled(row.get("words")),
            unless=_compiled(row.get("unless")),
            presumed=row.get("presumed", False),
            guideline=row["guideline"],
        )


@cache
def combination_rules() -> tuple[CombinationRule, ...]:
    """Return the shipped rules, each placeholder filled with each of its values."""
    rows = load_rules("combinations")["rules"]
    return tuple(CombinationRule.from_row(filled) for row in rows for filled in _filled(row))


@lru_cache(maxsize=N_CACHED)
def _slots_of(value: str) -> tuple[tuple[int, int], ...]:
    """Return the places in ``all_of`` that a code can fill: number of the rule, of the range."""
    places, table = _slot_table()
    return tuple(places[row] for row in table.rows_with(value))


@cache
def _slot_table() -> tuple[list[tuple[int, int]], RangeTable]:
    rules = combination_rules()
    places = [(number, slot) for number, r in enumerate(rules) for slot in range(len(r.all_of))]
    return places, RangeTable(ranges for rule in rules for ranges in rule.all_of)


@dataclass(slots=True)
class Combiner:
    """Applies the rules to the live cases of one note; ``cases`` grows by what they give."""

    cases: list[Case]
    codes: Icd10cm
    live_log_odds: float
    cut_log_odds: float
    weight: float
    _filled: dict[int, dict[int, list[Case]]] = field(default_factory=dict)
    _n_seen: int = 0
    _alive: dict[Case, None] | None = None

    def combine(self) -> None:
        """Apply every rule once, in the order of the file."""
        self._fill_slots()
        for number, rule in enumerate(combination_rules()):
            if len(self._filled.get(number, ())) < len(rule.all_of):
                continue
            matched = self._match(number, rule)
            if matched:
                self._apply(rule, matched)
                self._fill_slots()

    def _fill_slots(self) -> None:
        """Put the cases that came since into the places of rules that they can fill."""
        for case in self.cases[self._n_seen :]:
            for met, slot in _slots_of(case.value):
                self._filled.setdefault(met, {}).setdefault(slot, []).append(case)
        self._n_seen = len(self.cases)

    def _live(self) -> dict[Case, None]:
        """Return the live cases in order; kept until a rule changes some."""
        if self._alive is None:
            live = (c for c in self.cases if not c.dropped and c.log_odds >= self.live_log_odds)
            self._alive = dict.fromkeys(live)
        return self._alive

    def _match(self, number: int, rule: CombinationRule) -> list[Case]:
        if rule.none_of.texts and any(case.value in rule.none_of for case in self._live()):
            return []
        matched: list[Case] = []
        live = self._live()
        for slot in range(len(rule.all_of)):
            cases = self._filled[number][slot]
            found = [c for c in cases if c in live and c not in matched]
            if not found:
                return []
            matched.append(max(found, key=lambda case: case.log_odds))
        return matched if self._agrees(rule, matched) else []

    def _agrees(self, rule: CombinationRule, matched: Sequence[Case]) -> bool:
        if rule.all_shown and any(case.log_odds < self.cut_log_odds for case in matched):
            return False
        if rule.unless and any(map(rule.unless.search, _windows(matched))):
            return False
        if rule.same_side and not _same_side([self.codes.title(c.value) for c in matched]):
            return False
        told = _shared_windows(matched) if rule.same_sentence else None
        if told is not None and not told:
            return False
        if rule.words is None:
            return True
        return any(map(rule.words.search, _windows(matched) if told is None else told))

    def _apply(self, rule: CombinationRule, matched: Sequence[Case]) -> None:
        stated = {case.value for case in self._live()}
        given = [self._give(value, matched) for value in rule.gives if self.codes.is_valid(value)]
        if rule.gives and not given:
            return
        self._alive = None
        for case in (c for c in given if rule.presumed and c.value not in stated):
            names = ", ".join(c.value for c in matched if c is not case)
            case.add_concern(
                "ambiguous",
                f"{case.value} presumes that {names} are related (guideline {rule.guideline}).",
            )
        values = " ".join(case.value for case in given) or matched[0].value
        for case in self._live():
            if case.value in rule.drops and case not in given:
                case.dropped = f"coded as {values} (guideline {rule.guideline})"
        self._alive = None
        self._set_sequence(rule)

    def _give(self, value: str, matched: Sequence[Case]) -> Case:
        case = next((c for c in self.cases if c.value == value), None)
        if case is None:
            case = Case(value, [])
            self.cases.append(case)
        if case in matched:
            return case
        case.dropped = ""
        mean = sum(c.log_odds for c in matched) / len(matched)
        if not case.parts or case.log_odds < mean + self.weight:
            case.parts = _mean_parts(matched) | {"combination": self.weight}
        case.supports.extend(_borrowed(value, matched))
        return case

    def _set_sequence(self, rule: CombinationRule) -> None:
        groups = [[c for c in self._live() if c.value in ranges] for ranges in rule.sequence]
        for superiors, dependents in itertools.pairwise(groups):
            for dependent in dependents:
                dependent.after.update(c.value for c in superiors if c is not dependent)


def _borrowed(value: str, matched: Sequence[Case]) -> Iterator[Support]:
    for case in matched:
        for support in case.supports:
            yield replace(support, value=value, origin="combination")


def _mean_parts(matched: Sequence[Case]) -> dict[str, float]:
    names = dict.fromkeys(name for case in matched for name in case.parts)
    return {n: sum(c.parts.get(n, 0.0) for c in matched) / len(matched) for n in names}


def _windows(matched: Sequence[Case]) -> set[str]:
    return {s.context.window for case in matched for s in case.supports}


def _shared_windows(matched: Sequence[Case]) -> set[str]:
    by_case = [{s.context.sentence: s.context.window for s in c.supports} for c in matched]
    shared = set(by_case[0]).intersection(*by_case[1:])
    return {by_case[0][sentence] for sentence in shared}


def _same_side(titles: Sequence[str]) -> bool:
    sides = [set(re.findall(r"\b(?:left|right)\b", title.lower())) for title in titles]
    named = [side for side in sides if side]
    return not named or bool(set.intersection(*named))


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(load_rules("combinations")["cues"].get(pattern, pattern)) if pattern else None


def _filled(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the row once for each set of values of its placeholders (``for``)."""
    for values in row.get("for", ({},)):
        yield {k: _fill(v, values) for k, v in row.items() if k != "for"}


def _fill(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_fill(item, values) for item in value]
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace("{" + name + "}", text)
    return value
