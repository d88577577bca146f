"""Metrics of rankings, against plain loops and scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn import metrics as sk

from cac.errors import SettingsError
from cac.metrics import (
    average_precision_by_note,
    mean_average_precision,
    precision_at_k,
    r_precision,
    recall_at_k,
)


@st.composite
def rankings(draw):
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 7)))
    true = draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 1)))
    scores = draw(hnp.arrays(np.float64, shape, elements=st.integers(-4, 4).map(float)))
    return true, scores


def ranked_hits(true, scores):
    for row in range(len(true)):
        columns = sorted(range(true.shape[1]), key=lambda c: (-scores[row, c], c))
        yield [int(true[row, c]) for c in columns]


def mean(values):
    return float(np.mean(values)) if values else float("nan")


@given(rankings(), st.integers(1, 9))
def test_precision_and_recall_at_k(ranking, k):
    hits = list(ranked_hits(*ranking))
    wanted = mean([sum(h[:k]) / k for h in hits])
    np.testing.assert_allclose(precision_at_k(*ranking, k), wanted)
    wanted = mean([sum(h[:k]) / sum(h) for h in hits if sum(h)])
    np.testing.assert_allclose(recall_at_k(*ranking, k), wanted)


@given(rankings())
def test_r_precision(ranking):
    hits = [h for h in ranked_hits(*ranking) if sum(h)]
    np.testing.assert_allclose(
        r_precision(*ranking), mean([sum(h[: sum(h)]) / sum(h) for h in hits])
    )


@given(rankings())
def test_map_by_loop(ranking):
    values = []
    for hits in ranked_hits(*ranking):
        if sum(hits):
            precisions = [sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits) if hit]
            values.append(sum(precisions) / sum(hits))
    np.testing.assert_allclose(mean_average_precision(*ranking), mean(values))


@given(st.integers(0, 2**32 - 1))
def test_average_precision_without_ties_is_scikit_learns(seed):
    random = np.random.default_rng(seed)
    true = random.integers(0, 2, size=(4, 9))
    true[:, 0] = 1
    scores = random.permuted(np.arange(36.0)).reshape(4, 9)
    wanted = [sk.average_precision_score(t, s) for t, s in zip(true, scores, strict=True)]
    np.testing.assert_allclose(average_precision_by_note(true, scores), wanted)


def test_what_is_not_stored_is_not_ranked():
    true = np.array([[1, 1, 0]])
    scores = sparse.csr_matrix(np.array([[0.0, 0.9, 0.5]]))
    assert mean_average_precision(true, scores) == 0.5
    assert recall_at_k(true, scores, 3) == 0.5
    assert precision_at_k(true, scores, 3) == pytest.approx(1 / 3)
    assert mean_average_precision(true, scores.toarray()) == pytest.approx((1 + 2 / 3) / 2)


def test_notes_without_gold_codes_are_left_out_of_recall_and_map():
    true, scores = np.array([[0, 0], [1, 0]]), np.array([[0.5, 0.1], [0.9, 0.2]])
    assert recall_at_k(true, scores, 1) == mean_average_precision(true, scores) == 1
    assert precision_at_k(true, scores, 1) == 0.5
    nothing = np.zeros((2, 2))
    assert math.isnan(mean_average_precision(nothing, scores))
    assert math.isnan(r_precision(nothing, scores))


def test_bad_k_and_bad_scores_are_refused():
    with pytest.raises(SettingsError, match="k = 0"):
        precision_at_k(np.ones((1, 1)), np.ones((1, 1)), 0)
    with pytest.raises(SettingsError, match="not a finite number"):
        mean_average_precision(np.ones((1, 1)), np.array([[np.nan]]))
