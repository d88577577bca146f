"""The codes of one note weighed together: combinations, specificity, signs, sequence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cac.codes import Icd10cm
from cac.rank.case import Case
from cac.rank.combinations import Combiner
from cac.rank.convention import Convention
from cac.rank.integral import demote_integral
from cac.rank.kinds import Kind, code_range, kind_of
from cac.rank.lifts import lift_bound
from cac.rank.listed import put_as_listed
from cac.rank.order import put_in_sequence, put_status_last
from cac.rank.ranges import CodeRanges
from cac.rank.specificity import drop_less_specific

_OBSTETRIC = CodeRanges(["O00-O9A"])
_CIRCUMSTANCES = CodeRanges(["Y92", "Y93", "Y99"])
_NOT_OF_NOW = frozenset({"I25.2", "Z86.73", "Z86.711", "Z86.718"})  # old and new may both hold


@dataclass(frozen=True, slots=True)
class Weigher:
    """Weighs scored cases together by a convention; ``cut`` and ``live`` are log-odds."""

    codes: Icd10cm
    convention: Convention
    cut: float
    live: float

    def weigh(self, cases: list[Case]) -> None:
        """Change scores, drop cases and add combinations, in the order of the guidelines."""
        if self.convention.combine:
            weight = self.convention.weight("combination")
            Combiner(cases, self.codes, self.live, self.cut, weight).combine()
        if self.convention.drop_less_specific != "never":
            same_words = self.convention.drop_less_specific == "overlap"
            drop_less_specific(self._live(cases), self.codes, same_words=same_words)
        self._drop_history_of_present(cases)
        if self.convention.combine:
            self._drop_organisms_alone(cases)
        self._put_obstetric_first(cases)
        self._lift_causes_of_injury(cases)
        if self.convention.integral_signs:
            shown = [c for c in self._live(cases) if c.log_odds >= self.cut]
            weight = self.convention.weight("integral")
            demote_integral(self._live(cases), shown, self.codes, weight)
        lift_bound(cases, self.cut, self.convention)
        remaining = [c for c in cases if not c.dropped]
        if band := self.convention.weight("listed_order"):
            put_as_listed([c for c in remaining if c.log_odds >= self.cut], band)
        if self.convention.status_below_diagnoses:
            put_status_last(remaining, self.cut)
        put_in_sequence(remaining, self.cut)

    def _live(self, cases: Sequence[Case]) -> list[Case]:
        return [c for c in cases if not c.dropped and c.log_odds >= self.live]

    def _drop_history_of_present(self, cases: Sequence[Case]) -> None:
        """Drop a history code derived from a disease that the note also says is present."""
        if not self.convention.history_by_section:
            return
        live = [c for c in self._live(cases) if kind_of(c.value) is Kind.DIAGNOSIS]
        for case in filter(_is_history_alone, cases):
            present = {c.value[:3] for c in live if c is not case}
            sources = {s.candidate.code.value[:3] for s in case.supports}
            if sources <= present and case.value not in _NOT_OF_NOW:
                case.dropped = f"{', '.join(sorted(sources))} is present"

    def _drop_organisms_alone(self, cases: Sequence[Case]) -> None:
        """Drop the organisms of a note without an infection: they are codes of its cause alone."""
        organism, infected = code_range("organism"), code_range("infected")
        found = [case for case in cases if case.value in organism]
        if found and not any(case.value in infected for case in self._live(cases)):
            for case in found:
                case.dropped = "no infection is coded"

    def _lift_causes_of_injury(self, cases: Sequence[Case]) -> None:
        """Lift external causes beside an injury: they are told where its story is told.

        Where a person was, and at what, is coded for an injury alone (guideline I.C.20.b).
        """
        live = self._live(cases)
        injured = any(c.value[0] in "ST" and c.log_odds >= self.cut for c in live)
        for case in (c for c in cases if kind_of(c.value) is Kind.EXTERNAL):
            told = any(s.context.section != "plan" for s in case.supports)
            if injured and told:
                case.parts["injury"] = self.convention.weight("injury")
            elif not injured and case.value in _CIRCUMSTANCES and self.convention.combine:
                case.dropped = "no injury is coded"

    def _put_obstetric_first(self, cases: Sequence[Case]) -> None:
        for case in self._live(cases):
            if case.value in _OBSTETRIC:
                case.parts["obstetric"] = self.convention.weight("obstetric")


def _is_history_alone(case: Case) -> bool:
    """Tell whether nothing but past diseases speaks for a code."""
    return bool(case.supports) and all(s.origin == "history" for s in case.supports)


def log_odds_of(probability: float) -> float:
    """Return the log-odds of a probability; minus infinity for 0."""
    return math.log(probability / (1.0 - probability)) if probability else -math.inf
