"""Log-odds of a code, as a sum of named parts, and the probability that they make."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cac.coding import CodeSystem, Mention
from cac.note import Assertion, Span
from cac.rank.case import Case, Support
from cac.rank.context import is_assessed
from cac.rank.convention import Convention
from cac.rank.kinds import Kind, kind_of

_LISTED_ONLY = -2.5  # sections below this name nothing of the encounter, lifted or not
_NEUTRAL_TERM = 0.7  # a term weight that speaks neither for nor against
_KIND_FEATURES = {Kind.SIGN: "sign", Kind.STATUS: "status", Kind.EXTERNAL: "external"}


def probability(log_odds: float) -> float:
    """Return the logistic of the log-odds, kept inside (0, 1)."""
    return 1.0 / (1.0 + math.exp(-max(-12.0, min(12.0, log_odds))))


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores the cases of one note by a convention.

    ``lifted`` is true where the note has no section of assessed problems: then what stands in
    any narrative section must do. ``nested`` holds the extents that lie inside another one.
    """

    convention: Convention
    lifted: bool
    nested: frozenset[Span]

    def score(self, case: Case) -> None:
        """Set the parts of a case from its strongest support and its number of mentions."""
        parts = max((self.parts_of(s) for s in case.supports), key=lambda p: sum(p.values()))
        mentions = {support.mention.extent for support in case.supports}
        parts["mentions"] = self.convention.weight("mentions") * math.log(min(len(mentions), 6))
        if case.system is CodeSystem.ICD10CM and (
            feature := _KIND_FEATURES.get(kind_of(case.value))
        ):
            parts[feature] = self.convention.weight(feature)
        case.parts = {name: value for name, value in parts.items() if value}

    def parts_of(self, support: Support) -> dict[str, float]:
        """Return the parts that one support brings."""
        weight, context = self.convention.weight, support.context
        parts = {
            "base": weight("base"),
            "term": weight("term") * (support.candidate.weight - _NEUTRAL_TERM),
            "section": self._section(context.section),
            "alternative": weight("alternative") * self._alternative(support),
            "nested": weight("nested") * self._is_nested(support),
            "missing": weight("missing") * bool(support.candidate.missing),
        }
        flags = {
            "heading": context.heading,
            "treated": context.treated,
            "listed": context.listed and not context.heading,
            "first": context.first,
            "uncertain": support.assertion is Assertion.POSSIBLE,
            "history": support.origin == "history",
            "family": support.origin == "family",
        }
        return parts | {name: weight(name) for name, is_set in flags.items() if is_set}

    def strength(self, support: Support) -> float:
        """Return how much a support speaks for its code, in (0, 1)."""
        return probability(sum(self.parts_of(support).values()))

    def _section(self, category: str) -> float:
        weight = self.convention.section_weight(category)
        if self.lifted and not is_assessed(category):
            return weight + self.convention.weight("lift") * (weight > _LISTED_ONLY)
        return weight

    def _alternative(self, support: Support) -> float:
        """Return 0 for a mention's best candidate, else 1 plus how far behind it is."""
        if support.place == 0:
            return 0.0
        best = support.mention.candidates[0].weight
        return 1.0 + max(0.0, best - support.candidate.weight)

    def _is_nested(self, support: Support) -> bool:
        return support.mention.extent in self.nested


def nested_extents(mentions: Iterable[Mention]) -> frozenset[Span]:
    """Return the extents of mentions that lie inside the extent of a longer one."""
    nested, reach = set(), -1
    for extent in sorted({m.extent for m in mentions}, key=lambda e: (e.start, -e.end)):
        if extent.end <= reach:
            nested.add(extent)
        reach = max(reach, extent.end)
    return frozenset(nested)
