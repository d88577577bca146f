"""Why gold codes are missed: the commonest by cause, without a word of any note."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from cac.coding import Code, CodedNote, CodeEvidence
from cac.learn import LearnedModel, ScoredCode

N_SHOWN = 50
_FAR = 60  # characters between the pieces of one annotation
_LIKELY = 0.5

NEVER = "code not in train, no term reaches it"
NEVER_LOW = "code not in train, reached by an official term below the cut"
WORDED = "code in train, worded otherwise"
APART = "code in train, words of the evidence far apart"
RIVAL = "reached, another code of the same words preferred"
LOW = "reached, below the cut: the words are often left uncoded"


def misses_table(
    model: LearnedModel, gold: Sequence[CodedNote], predicted: Sequence[Sequence[ScoredCode]]
) -> str:
    """Return two tables: misses by cause, and the commonest codes with their cause."""
    misses = Counter(
        miss
        for note, found in zip(gold, predicted, strict=True)
        for miss in _misses(model, note, found)
    )
    causes: Counter[str] = Counter()
    for (cause, _), n in misses.items():
        causes[cause] += n
    total = max(sum(causes.values()), 1)
    by_cause = [f"| {c} | {n} | {n / total:.0%} |" for c, n in causes.most_common()]
    by_code = [f"| {c} | {code} | {n} |" for (c, code), n in misses.most_common(N_SHOWN)]
    return "\n".join(
        [
            "| cause | misses | share |\n|---|---|---|",
            *by_cause,
            "\n| cause | code | misses |\n|---|---|---|",
            *by_code,
        ]
    )


def _misses(
    model: LearnedModel, gold: CodedNote, predicted: Sequence[ScoredCode]
) -> list[tuple[str, Code]]:
    known = {scored.code: scored for scored in predicted}
    suggested = [scored for scored in predicted if scored.suggested]
    evidence: dict[Code, list[CodeEvidence]] = {}
    for found in gold.evidence:
        evidence.setdefault(found.code, []).append(found)
    return [
        (_cause(model, code, known, suggested, evidence.get(code, [])), code)
        for code in set(gold.codes)
        if code not in known or not known[code].suggested
    ]


def _cause(
    model: LearnedModel,
    code: Code,
    known: Mapping[Code, ScoredCode],
    suggested: Sequence[ScoredCode],
    evidence: Sequence[CodeEvidence],
) -> str:
    in_train = model.finder.table.code_notes.get(code, 0) > 0
    if code not in known:
        if not in_train:
            return NEVER
        return APART if evidence and all(_is_scattered(e) for e in evidence) else WORDED
    if not in_train:
        return NEVER_LOW
    places = {mention.extent for mention in known[code].mentions}
    taken = any(
        mention.extent in places and mention.probability > _LIKELY and other.code != code
        for other in suggested
        for mention in other.mentions
    )
    return RIVAL if taken else LOW


def _is_scattered(evidence: CodeEvidence) -> bool:
    spans = evidence.spans
    return any(two.start - one.end > _FAR for one, two in pairwise(spans))
