"""What a coder should look at before accepting a code; short, and never applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from cac.note import Assertion, Setting
from cac.rank.case import Case, Support
from cac.rank.excludes import Notes
from cac.rank.kinds import Kind, kind_of
from cac.rank.ranges import N_CACHED, CodeRanges, RangeTable
from cac.rank.rule_data import load_rules

_MAX_EXCLUDES = 2  # a code that clashes with many is one question, not many
_CLOSE = 0.1  # term weights nearer than this leave the choice open
_MAX_ALTERNATIVES = 3
_AS_READ = frozenset({"text", "uncertain"})  # not made from other codes by a rule


@dataclass(frozen=True, slots=True)
class ConcernRaiser:
    """Raises the concerns of the codes that are suggested together."""

    notes: Notes
    service_date: date | None
    setting: Setting | None = None

    def raise_all(self, cases: Sequence[Case], considered: Sequence[Case] = ()) -> None:
        """Add to each case its concerns; ``considered`` are all that the note was ranked with."""
        settled = frozenset(c.value for c in considered if c.dropped) | _told_apart(cases)
        for case in cases:
            self._missing(case)
            self._choice(case, settled)
            self._uncertain(case)
            self._validity(case)
            self._order(case, cases)
            self._additional(case, cases)
        self._excludes(cases)

    def _missing(self, case: Case) -> None:
        named = [s.candidate.missing for s in case.supports if s.candidate.code.value == case.value]
        if not named or not all(named):
            return
        for item in dict.fromkeys(item for missing in named for item in missing):
            if not self._is_idle(case.value, item):
                kind = "encounter" if item == "encounter" else "unspecified"
                case.add_concern(kind, f"{case.value}: the note leaves the {item} open.")

    def _is_idle(self, value: str, item: str) -> bool:
        """Tell whether to ask is to no purpose: the setting answers, or nobody would."""
        if item == "encounter":
            return self.setting is Setting.EMERGENCY or kind_of(value) is Kind.EXTERNAL
        return item == "type" and value not in _ranges("type_asked")

    def _choice(self, case: Case, settled: frozenset[str]) -> None:
        """Ask where every mention of the code could as well stand for another one."""
        if any(s.origin not in _AS_READ for s in case.supports):
            return
        near = [_near(support, settled) for support in case.supports]
        if all(near):
            others = ", ".join(near[0][:_MAX_ALTERNATIVES])
            case.add_concern("ambiguous", f"The same words may also mean {others}.")

    def _uncertain(self, case: Case) -> None:
        if all(s.assertion is Assertion.POSSIBLE for s in case.supports):
            case.add_concern(
                "uncertain",
                f"{case.value} is documented as uncertain: coded only if still so at discharge "
                "(guideline II.H).",
            )

    def _validity(self, case: Case) -> None:
        codes = self.notes.codes
        if not codes.is_billable(case.value):
            known = "is not complete" if codes.is_valid(case.value) else "is not known"
            case.add_concern("not-valid", f"{case.value} {known} in ICD-10-CM {codes.release}.")
            return
        entry, day = codes.entry(case.value), self.service_date
        if day and entry.effective and day < entry.effective:
            case.add_concern("not-valid", f"{case.value} is valid from {entry.effective} on.")
        if day and entry.end and day > entry.end:
            case.add_concern("not-valid", f"{case.value} was valid until {entry.end}.")

    def _order(self, case: Case, cases: Sequence[Case]) -> None:
        targets = [target for _, target in self.notes.targets(case.value, "code_first")]
        if any(t.covers(c.value) for t in targets for c in cases if c is not case):
            return
        if self.notes.codes.is_valid(case.value) and self.notes.is_manifestation(case.value):
            case.add_concern(
                "manifestation",
                f"{case.value} is a manifestation code: its etiology comes first (guideline "
                "I.A.13).",
            )
        elif case.value in _ranges("code_first"):
            first = ", ".join(dict.fromkeys(str(target) for target in targets[:3]))
            case.add_concern("code-first", f"{case.value}: code first {first} where it applies.")

    def _additional(self, case: Case, cases: Sequence[Case]) -> None:
        for needed, what in _needed_beside(case.value):
            if not any(c.value in needed for c in cases):
                case.add_concern("use-additional", f"{case.value}: use an additional code {what}.")

    def _excludes(self, cases: Sequence[Case]) -> None:
        n_raised = dict.fromkeys((case.value for case in cases), 0)
        diagnoses = [c for c in cases if kind_of(c.value) in (Kind.DIAGNOSIS, Kind.STATUS)]
        for index, first in enumerate(diagnoses):
            for second in diagnoses[index + 1 :]:
                if max(n_raised[first.value], n_raised[second.value]) >= _MAX_EXCLUDES:
                    continue
                if place := self.notes.excluding(first.value, second.value):
                    self._question(first, second, place)
                    n_raised[first.value] += 1
                    n_raised[second.value] += 1

    def _question(self, first: Case, second: Case, place: str) -> None:
        message = (
            f"{first.value} and {second.value} exclude each other (Excludes1 at {place}) "
            "unless unrelated (guideline I.A.12.a)."
        )
        first.add_concern("excludes1", message)
        second.add_concern("excludes1", message)


def _told_apart(cases: Sequence[Case]) -> frozenset[str]:
    """Return the codes that words of their own support: these are no mere alternatives."""
    return frozenset(c.value for c in cases if any(s.place == 0 for s in c.supports))


def _near(support: Support, settled: frozenset[str]) -> list[str]:
    """Return the other codes of the same words that fit about as well, and are not settled."""
    best = support.mention.candidates[0].weight
    if best - support.candidate.weight >= _CLOSE:
        return []
    return [
        c.code.value
        for c in support.mention.candidates
        if c.code.value != support.value
        and c.code.value not in settled
        and best - c.weight < _CLOSE
    ]


@cache
def _ranges(name: str) -> CodeRanges:
    return CodeRanges(load_rules("notes")[name])


@lru_cache(maxsize=N_CACHED)
def _needed_beside(value: str) -> tuple[tuple[CodeRanges, str], ...]:
    needed, table = _needed()
    return tuple(needed[row] for row in table.rows_with(value))


@cache
def _needed() -> tuple[list[tuple[CodeRanges, str]], RangeTable]:
    rows = load_rules("notes")["use_additional"]
    needed = [(CodeRanges(row["needed"]), row["what"]) for row in rows]
    return needed, RangeTable(CodeRanges(row["codes"]) for row in rows)
