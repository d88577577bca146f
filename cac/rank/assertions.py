"""What becomes of a mention, by what the text says of it and by the convention."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from cac.coding import Mention
from cac.note import AnnotatedNote, Assertion, Span
from cac.rank.convention import Convention, Treatment
from cac.rank.ranges import CodeRanges
from cac.rank.rule_data import load_rules

# The most telling first: what is denied of a relative is denied, whoever it is.
_ORDER = (
    Assertion.NEGATED,
    Assertion.OTHER_SUBJECT,
    Assertion.HYPOTHETICAL,
    Assertion.POSSIBLE,
    Assertion.HISTORICAL,
)
_REASONS = {
    Assertion.PRESENT: "Named among past conditions, and not coded as history",
    Assertion.NEGATED: "Negated in the note",
    Assertion.HYPOTHETICAL: "Hypothetical: not said to be present",
    Assertion.OTHER_SUBJECT: "Said of someone else",
    Assertion.POSSIBLE: "Uncertain: not coded in this setting (guideline IV.H); code the sign or "
    "symptom",
    Assertion.HISTORICAL: "No longer present",
}


def telling_assertion(assertions: Iterable[Assertion]) -> Assertion:
    """Return the assertion that decides; PRESENT where none of the others is there."""
    found = set(assertions)
    for assertion in _ORDER:
        if assertion in found:
            return assertion
    return Assertion.PRESENT


def treatment_of(value: str, assertion: Assertion, convention: Convention) -> Treatment:
    """Return what the convention does with a code under an assertion.

    An uncertain diagnosis that must be confirmed (HIV, COVID-19, Zika, avian influenza:
    guideline I.C.1 and I.C.10) is rejected where uncertain ones are coded.
    """
    treatment = convention.treatments[assertion]
    if treatment is Treatment.UNCERTAIN and value in _confirmed_only():
        return Treatment.REJECT
    return treatment


def reason_for(value: str, assertion: Assertion, cues: str) -> str:
    """Say why a mention is not coded, with the cue's own words."""
    reason = _REASONS[assertion]
    if assertion is Assertion.POSSIBLE and value in _confirmed_only():
        reason = "Uncertain: coded only when confirmed (guideline I.C.1)"
    return f"{reason} (“{cues}”)." if cues else f"{reason}."


def cue_text(annotated: AnnotatedNote, mention: Mention, assertion: Assertion) -> str:
    """Return the words that caused an assertion, as they stand in the note."""
    spans = _cue_spans(annotated, mention, assertion)
    texts = (" ".join(annotated.note.text[s.start : s.end].split()) for s in spans)
    return ", ".join(dict.fromkeys(text for text in texts if text))


def _cue_spans(annotated: AnnotatedNote, mention: Mention, assertion: Assertion) -> list[Span]:
    found = {
        modifier.cue
        for span in mention.spans
        for modifier in annotated.modifiers_of(span)
        if modifier.assertion is assertion
    }
    return sorted(found or set(mention.cues))


@cache
def _confirmed_only() -> CodeRanges:
    return CodeRanges(load_rules("uncertain")["confirmed_only"])
