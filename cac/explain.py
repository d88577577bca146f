"""Why a note gets a code, or does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cac.codes import Icd10cm
from cac.coding import Code, Mention
from cac.explanation import Explanation, Reason
from cac.note import AnnotatedNote
from cac.rank import RankedCode, Ranking


def explain(
    codes: Icd10cm,
    annotated: AnnotatedNote,
    mentions: Sequence[Mention],
    ranking: Ranking,
    code: Code,
) -> Explanation:
    """Gather what was matched, what was said of it, and how it was weighed."""
    shown = next((s for s in ranking.suggestions if s.code == code), None)
    reasons = [*_mention_reasons(annotated, mentions, code)]
    reasons += [*_rank_reasons(ranking, code)]
    if not reasons:
        reasons = [_no_mention(codes, mentions, code)]
    return Explanation(
        code,
        shown is not None,
        shown.rank if shown else None,
        shown.probability if shown else None,
        tuple(reasons),
    )


def _mention_reasons(
    annotated: AnnotatedNote, mentions: Sequence[Mention], code: Code
) -> Iterator[Reason]:
    for mention in mentions:
        for candidate in mention.candidates:
            if candidate.code != code:
                continue
            yield Reason(
                "mention",
                f"words of the {candidate.source} term {candidate.term!r} (weight"
                f" {candidate.weight:.2f}) in section {mention.section}",
                mention.spans,
            )
            said = ", ".join(assertion.value for assertion in mention.assertions)
            rules = {m.rule for span in mention.spans for m in annotated.modifiers_of(span)}
            by = f" by {', '.join(sorted(rules))}" if rules else ""
            yield Reason("assertion", f"read as {said}{by}", mention.cues)


def _rank_reasons(ranking: Ranking, code: Code) -> Iterator[Reason]:
    for ranked in ranking.ranked:
        if ranked.code == code:
            yield from _parts(ranked)
    for rejected in ranking.rejected:
        if rejected.code == code:
            yield Reason("convention", rejected.rejected_because)


def _parts(ranked: RankedCode) -> Iterator[Reason]:
    parts = ", ".join(f"{name} {value:+.2f}" for name, value in ranked.parts.items())
    yield Reason("score", f"log-odds: {parts}; probability {ranked.probability:.2f}")
    if ranked.dropped:
        yield Reason("superseded", ranked.dropped)


def _no_mention(codes: Icd10cm, mentions: Sequence[Mention], code: Code) -> Reason:
    entry = codes.entry(code.value)
    category = code.value[:3]
    near = sorted(
        {c.code.value for m in mentions for c in m.candidates if c.code.value[:3] == category}
    )
    also = f" Found in its category: {', '.join(near)}." if near else ""
    terms = "; ".join([entry.title, *entry.inclusion_terms][:4])
    return Reason("no-mention", f"No words of the note match a term of it ({terms}).{also}")
