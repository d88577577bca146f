"""From mentions to supports and rejections: assertions, history and family history applied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cac.codes import Icd10cm
from cac.coding import Candidate, CodeSystem, Mention
from cac.note import AnnotatedNote, Assertion
from cac.rank.assertions import cue_text, reason_for, telling_assertion, treatment_of
from cac.rank.case import Rejection, Support
from cac.rank.context import (
    Context,
    context_of,
    is_evaluated,
    is_listing,
    is_outgrown,
    is_resolved,
)
from cac.rank.convention import Convention, Treatment
from cac.rank.family import family_code, is_family
from cac.rank.history import DROP, history_code
from cac.rank.ranges import N_CACHED

_SIDE = re.compile(r"\b(?:right|left)\b", re.IGNORECASE)


@dataclass(slots=True)
class Sorting:
    """Where the mentions of one note went."""

    supports: list[Support] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sorter:
    """Sorts the mentions of one note by the convention."""

    annotated: AnnotatedNote
    codes: Icd10cm
    convention: Convention

    def sort(self, mentions: Sequence[Mention]) -> Sorting:
        """Return what each mention supports, or why it supports nothing."""
        sorting = Sorting()
        last_drug = -1
        for mention in mentions:
            assertion = self._assertion(mention)
            if _is_drug(mention):
                if assertion is Assertion.NEGATED and self._is_listed_after(mention, last_drug):
                    assertion = Assertion.PRESENT
                last_drug = mention.extent.end
            context = context_of(self.annotated, mention)
            for index, candidate in enumerate(mention.candidates):
                place = 0 if index and self._is_other_side(mention, candidate) else index
                outcome = self._outcome(mention, candidate, assertion, context, place)
                if isinstance(outcome, Support):
                    sorting.supports.append(outcome)
                else:
                    sorting.rejections.append(outcome)
        return sorting

    def _is_other_side(self, mention: Mention, candidate: Candidate) -> bool:
        """Tell whether a candidate is the best one's other side, or other site, named beside it.

        Both hold: "both knees", "femoral and popliteal".
        """
        best = mention.candidates[0]
        if candidate.weight < best.weight or candidate.missing or best.missing:
            return False
        if candidate.term == best.term and candidate.code.value[:5] == best.code.value[:5]:
            return True
        titles = [self._sideless(c.code.value) for c in (best, candidate)]
        return titles[0] == titles[1] != ""

    def _sideless(self, value: str) -> str:
        return _without_side(self.codes.title(value)) if self.codes.is_valid(value) else ""

    def _assertion(self, mention: Mention) -> Assertion:
        """Return the telling assertion.

        What a medical history merely lists is not past; nor, inpatient, what has resolved
        during the stay (guideline III).
        """
        assertion = telling_assertion(mention.assertions)
        if assertion is Assertion.PRESENT and self._is_outgrown(mention):
            return Assertion.HISTORICAL
        if assertion is Assertion.POSSIBLE and self.convention.combine:
            cue = cue_text(self.annotated, mention, assertion)
            return Assertion.HYPOTHETICAL if is_evaluated(cue) else assertion
        if assertion is not Assertion.HISTORICAL:
            return assertion
        cue = cue_text(self.annotated, mention, assertion)
        resolved = self.convention.resolved_is_present and is_resolved(cue, mention.section)
        return Assertion.PRESENT if resolved or is_listing(cue) else assertion

    def _is_listed_after(self, mention: Mention, last_drug: int) -> bool:
        """Tell whether a drug follows the denial of something else: "no rejection, tacrolimus"."""
        first = min((cue.start for cue in mention.cues), default=mention.extent.start)
        between = self.annotated.note.text[first : mention.extent.start]
        return "," in between and last_drug < first

    def _is_outgrown(self, mention: Mention) -> bool:
        return is_outgrown(self.annotated.lower, mention.extent)

    def _outcome(
        self,
        mention: Mention,
        candidate: Candidate,
        assertion: Assertion,
        context: Context,
        place: int,
    ) -> Support | Rejection:
        value = candidate.code.value
        if candidate.code.system is CodeSystem.ICD10CM:
            target, origin = self._target(mention, value, assertion, context)
        else:
            target, origin = self._procedure(value, assertion), "text"
        if target:
            return Support(target, mention, candidate, assertion, place, context, origin)
        cues = cue_text(self.annotated, mention, assertion)
        reason = reason_for(value, assertion, cues)
        return Rejection(candidate.code, candidate.term, mention, assertion, reason)

    def _procedure(self, value: str, assertion: Assertion) -> str:
        treatment = self.convention.treatments[assertion]
        return "" if treatment in (Treatment.REJECT, Treatment.FAMILY) else value

    def _target(
        self, mention: Mention, value: str, assertion: Assertion, context: Context
    ) -> tuple[str, str]:
        treatment = treatment_of(value, assertion, self.convention)
        if treatment is Treatment.REJECT:
            return "", ""
        if treatment is Treatment.FAMILY:
            family = is_family(self.annotated, mention)
            return (family_code(value) or "", "family") if family else ("", "")
        if treatment is Treatment.UNCERTAIN:
            return value, "uncertain"
        if treatment is not Treatment.HISTORY and not self.convention.history_by_section:
            return value, "text"
        target = history_code(value, assertion, context, self.codes)
        if target == DROP:
            return "", ""
        return target, "text" if target == value else "history"


def _is_drug(mention: Mention) -> bool:
    """Tell whether a mention names a drug that is taken."""
    return bool(mention.candidates) and mention.candidates[0].code.value.startswith("Z79")


@lru_cache(maxsize=N_CACHED)
def _without_side(title: str) -> str:
    return _SIDE.sub("*", title)
