"""Codes added to a trained classifier by what they are called; nothing is trained again."""

from __future__ import annotations

from collections.abc import Iterable

from cac.classify.predictor import Predictor
from cac.codes.descriptions import describe
from cac.codes.icd10cm import Icd10cm
from cac.coding import Code
from cac.errors import SettingsError


def with_labels(predictor: Predictor, codes: Iterable[Code], release: Icd10cm) -> Predictor:
    """Return the classifier with further codes, such as those of a new fiscal year.

    The predictor given is used up: its model now has the labels too.

    Raises:
        SettingsError: labels are not encoded from descriptions, or a code has no description.
    """
    from cac.classify.neural import NeuralScorer

    new = sorted({code for code in codes if code not in predictor.labels})
    scorer = predictor.scorer
    if not isinstance(scorer, NeuralScorer):
        raise SettingsError(
            f"A {scorer.kind} classifier cannot score codes that it was not trained on. "
            "Train a neural one with label_init: descriptions."
        )
    terms = describe(new, release)
    if unknown := [code.value for code in new if not terms[code]]:
        raise SettingsError(
            f"{unknown[0]} has no title in the code sets at hand, so nothing is known of it. "
            "Import the release that holds it: cac codes import."
        )
    scorer.extend([terms[code] for code in new])
    order = (*predictor.labels.codes, *new)
    merged = predictor.labels.merged(new)
    at = {code: i for i, code in enumerate(order)}
    scorer.reorder([at[code] for code in merged])
    return Predictor(
        scorer, merged, predictor.decisions, evidence_share=predictor.evidence_share,
        manifest=predictor.manifest,
    )  # fmt: skip
