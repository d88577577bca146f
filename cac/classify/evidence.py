"""How much weight makes a word evidence: chosen on annotated dev notes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cac.classify.predictor import DEFAULT_SHARE, Predictor
from cac.classify.words import touched
from cac.coding import CodedNote
from cac.metrics.evidence_tokens import Explanation, evidence_threshold

_MOST = 0.999


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


def fit_share(predictor: Predictor, dev: Iterable[CodedNote]) -> float:
    """Set and return the share of the heaviest word's weight that gives the best word F1.

    Without annotated notes it stays at its default.
    """
    found = explanations(predictor, dev)
    if any(e.gold.any() for e in found):
        share = float(np.nextafter(evidence_threshold(found), 1.0))
        predictor.evidence_share = min(share, _MOST)
    else:
        predictor.evidence_share = DEFAULT_SHARE
    return predictor.evidence_share
