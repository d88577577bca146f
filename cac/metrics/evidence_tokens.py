"""Evidence as a weight for each token, scored as by Edin et al. 2024 (plausibility)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cac.errors import SettingsError
from cac.metrics.areas import auc_pr
from cac.metrics.counts import PrecisionRecallF1, precision_recall_f1
from cac.metrics.matrices import Floats, mean_of_defined


@dataclass(frozen=True, slots=True)
class Explanation:
    """The weights of a note's tokens for one code, and which tokens are gold evidence.

    ``weights`` and ``gold`` have shape (n_tokens,); special tokens and padding are left out.
    """

    weights: Floats
    gold: Floats

    def __post_init__(self) -> None:
        if self.weights.shape != self.gold.shape or self.weights.ndim != 1:
            raise SettingsError(
                f"Weights {self.weights.shape} and gold {self.gold.shape} do not pair by token."
            )


@dataclass(frozen=True, slots=True)
class TokenMetrics:
    """Edin's plausibility metrics over pairs of a note and a code.

    ``empty_share`` is the share without any token over the threshold; ``span_recall`` the mean
    share of gold runs that are touched; ``cover`` the mean share of tokens found in the runs
    touched (NaN pairs, which touch none, left out); ``iou`` the mean overlap of gold with as many
    tokens of highest weight.
    """

    token: PrecisionRecallF1
    auprc: float
    empty_share: float
    span_recall: float
    cover: float
    iou: float
    precision_at_5: float
    recall_at_5: float


def token_metrics(explanations: Sequence[Explanation], threshold: float) -> TokenMetrics:
    """Return the metrics of explanations with gold evidence; those without are left out.

    Report them for predicted codes as well as for gold ones, and choose the threshold with
    `evidence_threshold` on development notes.

    Args:
        explanations: one for each pair of a note and a code.
        threshold: weights above it are predicted to be evidence.
    """
    kept = [e for e in explanations if e.gold.any()]
    spans = [_runs_found(e, threshold) for e in kept]
    n_right, n_tokens = _top(kept, 5)
    n_gold = sum(int((e.gold != 0).sum()) for e in kept)
    top_5 = precision_recall_f1(n_right, n_tokens, n_gold)
    return TokenMetrics(
        token=_pooled(kept, threshold),
        auprc=auc_pr(_joined([e.gold for e in kept]), _joined([e.weights for e in kept])),
        empty_share=mean_of_defined(
            np.array([not (e.weights > threshold).any() for e in kept], dtype=np.float64)
        ),
        span_recall=mean_of_defined(np.array([recall for recall, _ in spans])),
        cover=mean_of_defined(np.array([cover for _, cover in spans])),
        iou=mean_of_defined(np.array([_iou(e) for e in kept])),
        precision_at_5=top_5.precision,
        recall_at_5=top_5.recall,
    )


def evidence_threshold(explanations: Sequence[Explanation]) -> float:
    """Return the threshold of highest token F1, exact, for development notes.

    Raises:
        SettingsError: no explanation has gold evidence.
    """
    gold = _joined([e.gold for e in explanations]) != 0
    weights = _joined([e.weights for e in explanations])
    if not gold.any():
        raise SettingsError("No gold evidence found. Choose the threshold on annotated notes.")
    order = np.argsort(-weights, kind="stable")
    values, hits = weights[order], gold[order].cumsum()
    f1 = 2 * hits / (np.arange(1, values.size + 1) + gold.sum())
    f1[np.append(values[1:] == values[:-1], False)] = -1.0
    best = int(f1.argmax())
    below = values[best + 1 :]
    return float(below[0]) if below.size else float(np.nextafter(values[best], -np.inf))


def _joined(arrays: Sequence[Floats]) -> Floats:
    return np.concatenate(arrays) if arrays else np.zeros(0)


def _pooled(explanations: Sequence[Explanation], threshold: float) -> PrecisionRecallF1:
    gold = _joined([e.gold for e in explanations]) != 0
    predicted = _joined([e.weights for e in explanations]) > threshold
    return precision_recall_f1(int((gold & predicted).sum()), int(predicted.sum()), int(gold.sum()))


def _top(explanations: Sequence[Explanation], k: int) -> tuple[int, int]:
    """Return how many of the ``k`` heaviest tokens of each are gold, and how many were taken.

    A note of fewer than ``k`` tokens gives as many as it has.
    """
    n_right = sum(int((e.gold[_heaviest(e, k)] != 0).sum()) for e in explanations)
    return n_right, sum(min(k, e.weights.size) for e in explanations)


def _heaviest(explanation: Explanation, k: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    order = np.argsort(-explanation.weights, kind="stable")
    return np.asarray(order[:k])


def _iou(explanation: Explanation) -> float:
    gold = explanation.gold != 0
    n_gold = int(gold.sum())
    n_both = int(gold[_heaviest(explanation, n_gold)].sum())
    return n_both / (2 * n_gold - n_both)


def _runs_found(explanation: Explanation, threshold: float) -> tuple[float, float]:
    """Return the share of gold runs touched, and the share of tokens found in those."""
    gold, predicted = explanation.gold != 0, explanation.weights > threshold
    starts = np.flatnonzero(gold & ~np.append(False, gold[:-1]))
    ends = np.flatnonzero(gold & ~np.append(gold[1:], False)) + 1
    found = [(int(predicted[s:e].sum()), e - s) for s, e in zip(starts, ends, strict=True)]
    touched = [(n, size) for n, size in found if n]
    n_tokens = sum(size for _, size in touched)
    cover = sum(n for n, _ in touched) / n_tokens if touched else float("nan")
    return len(touched) / len(found), cover
