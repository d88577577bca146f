"""Log-odds of a code, as a sum of named parts, and the probability that they make."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cac.coding import Candidate, CodeSystem, Mention
from cac.note import AnnotatedNote, Assertion
from cac.rank.case import Case, Support
from cac.rank.context import is_assessed, is_finding
from cac.rank.convention import Convention
from cac.rank.kinds import Kind, is_allergic_reaction, is_encounter_reason, kind_of

_BRIEF = 500  # characters: a note of a few lines
_EASED = frozenset({"listed", "sign", "status", "history", "family", "unheaded"})
_DONE = re.compile(r"\b(?:given|administered|received|performed|done)\b")
_FINAL = "discharge_diagnosis"
_LISTED_ONLY = -2.5  # sections below this name nothing of the encounter, lifted or not
_NEUTRAL_TERM = 0.7  # a term weight that speaks neither for nor against
_MOST_CONTEXT = 3.0  # log-odds beyond which a scorer is no surer of a single mention
_STEEPNESS = 1.75  # how much more a poor match speaks against than a good one for
_KIND_FEATURES = {Kind.SIGN: "sign", Kind.STATUS: "status", Kind.EXTERNAL: "external"}


def probability(log_odds: float) -> float:
    """Return the logistic of the log-odds, kept inside (0, 1)."""
    return 1.0 / (1.0 + math.exp(-max(-12.0, min(12.0, log_odds))))


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores the cases of one note by a convention.

    ``lifted`` is true where the note has no section of assessed problems: then what stands in
    any narrative section must do. ``headed`` is true where problems stand as headings: then
    prose tells of them rather than adding to them. ``brief`` is true of a few lines, in which
    nothing is said in passing; ``settled`` where diagnoses at discharge are listed, so that
    what was suspected before is not. ``leading`` holds the mentions that come first where
    diagnoses are listed, ``nested`` those that lie inside a longer one; both by ``id``, since
    the hash of a mention takes longer than all the rest of its score. So are the sums of the
    supports scored, which live as long as the note's cases do.
    """

    convention: Convention
    lifted: bool
    headed: bool
    brief: bool
    settled: bool
    leading: frozenset[int]
    nested: frozenset[int]
    _sums: dict[int, float] = field(default_factory=dict)

    def score(self, case: Case) -> None:
        """Set the parts of a case from its strongest support and its number of mentions."""
        found = [self.parts_of(s) for s in case.supports]
        sums = [sum(parts.values()) for parts in found]
        self._sums.update(zip(map(id, case.supports), sums, strict=True))
        parts = found[sums.index(max(sums))]
        mentions = {support.mention.extent for support in case.supports}
        parts["mentions"] = self.convention.weight("mentions") * math.log(min(len(mentions), 6))
        if case.system is CodeSystem.ICD10CM and (
            feature := _KIND_FEATURES.get(kind_of(case.value))
        ):
            parts[feature] = self._eased(feature)
        case.parts = {name: value for name, value in parts.items() if value}

    def parts_of(self, support: Support) -> dict[str, float]:
        """Return the parts that one support brings."""
        weight, context = self.convention.weight, support.context
        parts = {
            "base": weight("base"),
            "term": self._term(support.candidate.weight),
            "section": self._section(context.section),
            "alternative": weight("alternative") * self._alternative(support),
            "nested": weight("nested") * (id(support.mention) in self.nested),
            "missing": weight("missing") * bool(support.candidate.missing),
            "context": self._context(support.candidate),
        }
        flags = {  # name of the weight: whether it applies
            "heading": context.heading,
            "treated": context.treated,
            "listed": context.listed and not context.heading,
            "unheaded": self.headed and not context.heading,
            "first": context.first,
            "leading": id(support.mention) in self.leading,
            "unsettled": self.settled
            and support.assertion is Assertion.POSSIBLE
            and context.section != _FINAL,
            "planned": _is_planned(support),
            "reaction": _is_reaction(support),
            "uncertain": support.assertion is Assertion.POSSIBLE,
            "history": support.origin == "history",
            "family": support.origin == "family",
        }
        return parts | {name: self._eased(name) for name, is_set in flags.items() if is_set}

    def _eased(self, feature: str) -> float:
        """Return a weight, held back where nothing sets problems apart from mere mentions."""
        weight = self.convention.weight(feature)
        eased = (self.lifted or self.brief) and feature in _EASED
        return weight * self.convention.weight("lifted_share") if eased else weight

    def strength(self, support: Support) -> float:
        """Return how much a support speaks for its code, in (0, 1)."""
        known = self._sums.get(id(support))
        return probability(sum(self.parts_of(support).values()) if known is None else known)

    def _term(self, term_weight: float) -> float:
        """Return the log-odds of a term's weight, which fall faster than they rise."""
        excess = term_weight - _NEUTRAL_TERM
        return self.convention.weight("term") * excess * (_STEEPNESS if excess < 0 else 1.0)

    def _context(self, candidate: Candidate) -> float:
        """Return what a trained scorer says of the words where they stand; 0 where none did.

        The convention moves its log-odds by ``context_shift`` and bounds them by ``context_most``:
        labels of another convention may speak against a mention without speaking for one.
        """
        if candidate.context is None:
            return 0.0
        moved = candidate.context + self.convention.weight("context_shift")
        bounded = max(-_MOST_CONTEXT, min(self.convention.weight("context_most"), moved))
        return self.convention.weight("context") * bounded

    def _section(self, category: str) -> float:
        weight = self.convention.section_weight(category)
        if is_assessed(category) or weight <= _LISTED_ONLY:
            return weight
        told = self.lifted or (self.brief and not is_finding(category))
        return weight + self.convention.weight("lift") * told

    def _alternative(self, support: Support) -> float:
        """Return 0 for a mention's best candidate, else 1 plus how far behind it is."""
        if support.place == 0:
            return 0.0
        best = support.mention.candidates[0].weight
        return 1.0 + max(0.0, best - support.candidate.weight)


def _is_planned(support: Support) -> bool:
    """Tell whether a reason for an encounter (Z00 to Z53) is only arranged for, not why it was.

    What the words themselves say is done ("flu shot given") is not arranged for.
    """
    context = support.context
    arranged = context.section == "plan" or (is_assessed(context.section) and not context.heading)
    return (
        arranged and is_encounter_reason(support.value) and not _DONE.search(support.candidate.term)
    )


def _is_reaction(support: Support) -> bool:
    """Tell whether a list of allergies only says how the patient once reacted ("PCN: hives")."""
    return support.context.section == "allergies" and is_allergic_reaction(support.value)


def scorer_for(
    annotated: AnnotatedNote,
    mentions: Sequence[Mention],
    supports: Sequence[Support],
    convention: Convention,
) -> Scorer:
    """Read from a note and its mentions what the scores depend on."""
    categories = {section.category for section in annotated.sections}
    return Scorer(
        convention=convention,
        lifted=not any(is_assessed(category) for category in categories),
        headed=any(support.context.heading for support in supports),
        brief=len(annotated.note.text) < _BRIEF,
        settled=_FINAL in categories,
        leading=frozenset(map(id, _leading_mentions(supports))),
        nested=frozenset(map(id, nested_mentions(mentions))),
    )


def _leading_mentions(supports: Sequence[Support]) -> list[Mention]:
    """Return the first mention in the first section of discharge diagnoses, else assessed ones."""
    listed = [s.mention for s in supports if s.context.section == _FINAL]
    listed = listed or [s.mention for s in supports if s.context.heading]
    first = min((m.extent.start for m in listed), default=-1)
    return [m for m in listed if m.extent.start == first]


def nested_mentions(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions that lie whole inside one unbroken span of another one as good."""
    counted = (m for m in mentions if not _is_marker(m))
    spans = sorted((s.start, -s.end, best_weight(m)) for m in counted for s in m.spans)
    nested: list[Mention] = []
    open_spans: list[tuple[int, int, float]] = []
    n_opened = 0
    for mention in sorted(mentions, key=lambda m: m.extent.start):
        start, end = mention.extent.start, mention.extent.end
        while n_opened < len(spans) and spans[n_opened][0] <= start:
            open_spans.append(spans[n_opened])
            n_opened += 1
        open_spans = [o for o in open_spans if -o[1] > start]
        over = [
            w for first, last, w in open_spans if -last >= end and (first, -last) != (start, end)
        ]
        if over and max(over) >= best_weight(mention):
            nested.append(mention)
    return nested


def _is_marker(mention: Mention) -> bool:
    """Tell whether a mention marks its cancer only ("triple negative breast cancer")."""
    return bool(mention.candidates) and mention.candidates[0].code.value.startswith("Z17")


def best_weight(mention: Mention) -> float:
    """Return the weight of a mention's best candidate; 0 where it has none."""
    return max((candidate.weight for candidate in mention.candidates), default=0.0)
