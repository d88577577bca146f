"""How words are weighed and how much weight makes evidence: chosen on annotated dev notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from cac.classify.predictor import DEFAULT_SHARE, Predictor
from cac.classify.words import touched
from cac.coding import CodedNote
from cac.metrics.evidence_tokens import Explanation, evidence_threshold, token_metrics

_MOST, _CLEARLY = 0.999, 0.01
_N_NOTES = 40


def explanations(predictor: Predictor, notes: Iterable[CodedNote]) -> list[Explanation]:
    """Return word weights and gold words for each annotated code that is a label.

    Weights are shares of the heaviest word's, so that one threshold serves all codes.
    """
    found = []
    for coded in notes:
        annotated = [e for e in coded.evidence if e.spans and e.code in predictor.labels]
        columns = [predictor.labels.index(e.code) for e in annotated]
        words, weights = predictor.scorer.word_weights(coded.note.text, columns)
        for evidence, of_code in zip(annotated, weights, strict=True):
            top = of_code.max(initial=0.0)
            gold = touched(words, evidence.spans)
            found.append(Explanation(of_code / top if top > 0 else of_code, gold))
    return found


def fit_share(predictor: Predictor, dev: Sequence[CodedNote]) -> float:
    """Choose how words are weighed and how much weight makes evidence; return the latter.

    Of the scorer's methods the first is the cheapest: another is taken where its word F1 is
    clearly better on some annotated notes. Without annotated notes nothing changes but the share,
    which is the default.
    """
    annotated = [coded for coded in dev if any(e.spans for e in coded.evidence)]
    step = max(len(annotated) // _N_NOTES, 1)
    best = -1.0
    chosen = (predictor.scorer.method, DEFAULT_SHARE)
    for method in predictor.scorer.methods:
        predictor.scorer.method = method
        found = explanations(predictor, annotated[::step])
        if not any(e.gold.any() for e in found):
            continue
        share = evidence_threshold(found)
        f1 = token_metrics(found, share).token.f1
        if f1 > best + _CLEARLY:
            best, chosen = f1, (method, min(float(np.nextafter(share, 1.0)), _MOST))
    predictor.scorer.method, predictor.evidence_share = chosen
    return predictor.evidence_share
