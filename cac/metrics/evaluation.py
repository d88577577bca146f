"""Every metric of a system's answers against gold notes, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from cac.coding import CodedNote, CodeSystem
from cac.errors import SettingsError
from cac.metrics.areas import auc_pr_macro, auc_pr_micro, auc_roc_macro, auc_roc_micro
from cac.metrics.bootstrap import macro_f1_present_statistic
from cac.metrics.calibration import brier_score, expected_calibration_error
from cac.metrics.codiesp import codiesp_map
from cac.metrics.counts import counts_by_code, counts_by_note
from cac.metrics.documents import exact_match_by_note, jaccard_by_note, principal_accuracy
from cac.metrics.evidence_report import evidence_figures
from cac.metrics.figures import Bootstrap, Figure
from cac.metrics.frequency import micro_by_frequency
from cac.metrics.hierarchy import category_counts_by_note, hierarchical_counts_by_note
from cac.metrics.macro import f1_by_code, macro_f1_caml
from cac.metrics.matrices import Ints, binary, column_sums
from cac.metrics.pairing import Pairing, code_matrix
from cac.metrics.ranking import (
    average_precision_by_note,
    precision_at_k_by_note,
    r_precision_by_note,
    recall_at_k_by_note,
)

_RANKS = (5, 8, 15)
_DIAGNOSES = (CodeSystem.ICD10CM, CodeSystem.ICD9CM)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """How one code fares; ``f1`` is NaN where it is neither gold nor predicted."""

    system: str
    code: str
    n_gold: int
    n_predicted: int
    n_correct: int
    f1: float


def evaluate(
    pairing: Pairing,
    *,
    threshold: float = 0.0,
    predicted: sparse.csr_matrix | None = None,
    n_samples: int = 1000,
    seed: int = 0,
    sequenced: bool = False,
    training: Sequence[CodedNote] = (),
) -> list[Figure]:
    """Return all figures of a pairing.

    Figures of sets of codes take what is suggested from the threshold on; figures of rankings take
    every suggestion. AUC, calibration, buckets and token figures have no interval.

    Args:
        pairing: gold and suggested codes.
        threshold: least probability of a predicted code.
        predicted: the predicted codes, shape (n_notes, n_codes), where no single threshold gives
            them.
        n_samples: bootstrap samples; 0 leaves the intervals out.
        seed: fixes the samples.
        sequenced: whether the first gold diagnosis is the principal one.
        training: notes whose codes are counted for the frequency buckets.

    Raises:
        SettingsError: there are no notes.
    """
    if not pairing.gold:
        raise SettingsError("No gold notes found; nothing can be measured.")
    if predicted is None:
        predicted = pairing.predicted(threshold)
    bootstrap = Bootstrap(len(pairing.gold), n_samples, seed)
    figures = _set_figures(pairing, predicted, bootstrap) + _rank_figures(pairing, bootstrap)
    figures += _probability_figures(pairing)
    if sequenced:
        figures.append(Figure("codes", "principal_accuracy", _principal(pairing, predicted)))
    if training:
        n_training = column_sums(code_matrix(training, pairing.codes)).astype(np.int64)
        figures += _frequency_figures(pairing, predicted, n_training)
    return figures + evidence_figures(pairing, predicted, bootstrap)


def code_table(
    pairing: Pairing, threshold: float = 0.0, *, predicted: sparse.csr_matrix | None = None
) -> list[CodeRow]:
    """Return one row for each code that is gold or predicted, commonest gold codes first.

    ``predicted`` are the predicted codes where no single threshold gives them.
    """
    if predicted is None:
        predicted = pairing.predicted(threshold)
    counts = counts_by_code(pairing.y_true, predicted)
    gold, found = counts.tp + counts.fn, counts.tp + counts.fp
    f1 = f1_by_code(counts)
    rows = [
        CodeRow(code.system.value, code.value, int(n_gold), int(n_found), int(n_both), float(score))
        for code, n_gold, n_found, n_both, score in zip(
            pairing.codes, gold, found, counts.tp, f1, strict=True
        )
        if n_gold + n_found
    ]
    return sorted(rows, key=lambda row: (-row.n_gold, -row.n_predicted, row.code))


def _set_figures(
    pairing: Pairing, predicted: sparse.csr_matrix, bootstrap: Bootstrap
) -> list[Figure]:
    true, codes = pairing.y_true, pairing.codes
    macro = macro_f1_present_statistic(true, predicted)
    return [
        *bootstrap.micro("codes", "micro", counts_by_note(true, predicted)),
        bootstrap.figure("codes", "macro_f1_present", macro),
        Figure("codes", "macro_f1_caml", macro_f1_caml(true, predicted)),
        bootstrap.mean("codes", "exact_match_ratio", exact_match_by_note(true, predicted)),
        bootstrap.mean("codes", "jaccard", jaccard_by_note(true, predicted)),
        *bootstrap.micro("codes", "category", category_counts_by_note(true, predicted, codes)),
        *bootstrap.micro(
            "codes", "hierarchical", hierarchical_counts_by_note(true, predicted, codes)
        ),
    ]


def _rank_figures(pairing: Pairing, bootstrap: Bootstrap) -> list[Figure]:
    true, scores = pairing.y_true, pairing.rank_scores
    figures = []
    for k in _RANKS:
        by_note = precision_at_k_by_note(true, scores, k)
        figures.append(bootstrap.mean("ranking", f"p_at_{k}", by_note))
        by_note = recall_at_k_by_note(true, scores, k)
        figures.append(bootstrap.mean("ranking", f"r_at_{k}", by_note))
    by_note = r_precision_by_note(true, scores)
    figures.append(bootstrap.mean("ranking", "r_precision", by_note))
    by_note = average_precision_by_note(true, scores)
    figures.append(bootstrap.mean("ranking", "map", by_note))
    published = codiesp_map(
        {c.note.note_id: c.codes for c in pairing.gold},
        {
            c.note.note_id: [s.code for s in found]
            for c, found in zip(pairing.gold, pairing.suggestions, strict=True)
        },
        as_published=True,
    )
    return [*figures, Figure("ranking", "map_as_codiesp_publishes", published)]


def _probability_figures(pairing: Pairing) -> list[Figure]:
    """Return areas over codes with a positive, and calibration over suggested codes."""
    true, scores = pairing.y_true, pairing.probabilities
    stored = scores.tocoo()
    hits = np.asarray(binary(true)[stored.row, stored.col]).ravel() if stored.nnz else np.zeros(0)
    return [
        Figure("probabilities", "auc_roc_micro", auc_roc_micro(true, scores)),
        Figure("probabilities", "auc_roc_macro", auc_roc_macro(true, scores)),
        Figure("probabilities", "auc_pr_micro", auc_pr_micro(true, scores)),
        Figure("probabilities", "auc_pr_macro", auc_pr_macro(true, scores)),
        Figure("probabilities", "ece", expected_calibration_error(hits, stored.data)),
        Figure("probabilities", "brier", brier_score(hits, stored.data)),
    ]


def _frequency_figures(
    pairing: Pairing, predicted: sparse.csr_matrix, n_training: Ints
) -> list[Figure]:
    found = micro_by_frequency(pairing.y_true, predicted, n_training)
    return [Figure("micro F1 by training frequency", name, f.f1) for name, f in found.items()]


def _principal(pairing: Pairing, predicted: sparse.csr_matrix) -> float:
    """Return the share of notes whose first predicted diagnosis is the first gold one."""
    column = {code: number for number, code in enumerate(pairing.codes)}
    true, first = [], []
    for row, (coded, found) in enumerate(zip(pairing.gold, pairing.suggestions, strict=True)):
        chosen = set(predicted.indices[predicted.indptr[row] : predicted.indptr[row + 1]].tolist())
        gold = (column[c] for c in coded.codes if c.system in _DIAGNOSES)
        ranked = (column[s.code] for s in found if s.code.system in _DIAGNOSES)
        true.append(next(gold, -1))
        first.append(next((n for n in ranked if n in chosen), -1))
    return principal_accuracy(np.array(true), np.array(first))
