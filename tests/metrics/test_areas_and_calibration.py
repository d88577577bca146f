"""Areas, calibration and thresholds, against scikit-learn and brute force."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn import metrics as sk

from cac.errors import SettingsError
from cac.metrics import (
    auc_pr_macro,
    auc_pr_micro,
    auc_roc_macro,
    auc_roc_micro,
    best_threshold,
    brier_score,
    expected_calibration_error,
    micro,
)


@st.composite
def scored(draw):
    shape = draw(st.tuples(st.integers(2, 9), st.integers(1, 5)))
    true = draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 1)))
    scores = draw(hnp.arrays(np.float64, shape, elements=st.integers(-5, 5).map(float)))
    return true, scores


@given(scored())
def test_areas_are_scikit_learns_over_codes_with_a_positive(data):
    true, scores = data
    kept = true.sum(axis=0) > 0
    assume(kept.any())
    t, s = true[:, kept], scores[:, kept]
    np.testing.assert_allclose(auc_pr_macro(*data), sk.average_precision_score(t, s))
    micro_pr = sk.average_precision_score(t.ravel(), s.ravel())
    np.testing.assert_allclose(auc_pr_micro(*data), micro_pr)
    mixed = t.sum(axis=0) < len(t)
    if mixed.any():
        wanted = np.mean([sk.roc_auc_score(t[:, c], s[:, c]) for c in np.flatnonzero(mixed)])
        np.testing.assert_allclose(auc_roc_macro(*data), wanted)
        np.testing.assert_allclose(auc_roc_micro(*data), sk.roc_auc_score(t.ravel(), s.ravel()))
    else:
        assert math.isnan(auc_roc_macro(*data))


@given(scored())
def test_a_stored_score_stands_before_what_has_none(data):
    true, scores = data
    assume(true.any())
    shifted = scores + 6
    shifted[scores < 0] = 0
    np.testing.assert_allclose(
        auc_pr_micro(true, sparse.csr_matrix(shifted)), auc_pr_micro(true, shifted)
    )


def test_no_positive_gives_nan():
    nothing, scores = np.zeros((2, 2)), np.ones((2, 2))
    for area in (auc_pr_macro, auc_pr_micro, auc_roc_macro, auc_roc_micro):
        assert math.isnan(area(nothing, scores))


probabilities = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 64).map(lambda n: n / 64)), min_size=1, max_size=40
)


@given(probabilities)
def test_brier_is_scikit_learns(items):
    true, probability = map(np.array, zip(*items, strict=True))
    wanted = sk.brier_score_loss(true, probability, pos_label=1)
    np.testing.assert_allclose(brier_score(true, probability), wanted)


@given(probabilities, st.integers(1, 20))
def test_calibration_error_by_loop(items, n_bins):
    true, probability = map(np.array, zip(*items, strict=True))
    total = 0.0
    for b in range(n_bins):
        inside = [(t, p) for t, p in items if max(math.ceil(p * n_bins) - 1, 0) == b]
        if inside:
            gap = np.mean([p for _, p in inside]) - np.mean([t for t, _ in inside])
            total += len(inside) / len(items) * abs(gap)
    found = expected_calibration_error(true, probability, n_bins=n_bins)
    np.testing.assert_allclose(found, total, atol=1e-12)


def test_calibrated_probabilities_have_no_error():
    probability = np.repeat([0.25, 0.75], 4)
    true = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    assert expected_calibration_error(true, probability) == pytest.approx(0)
    assert math.isnan(expected_calibration_error(np.zeros(0), np.zeros(0)))
    assert math.isnan(brier_score(np.zeros(0), np.zeros(0)))


def test_scores_are_no_probabilities():
    with pytest.raises(SettingsError, match="outside 0"):
        brier_score(np.array([1.0]), np.array([1.5]))


@given(scored())
def test_the_threshold_is_the_best_of_all(data):
    true, scores = data
    assume(true.any())
    found = best_threshold(true, scores)
    tried = [*np.unique(scores), np.inf]
    best = max(micro(true, scores >= t).f1 for t in tried)
    assert found.micro_f1 == pytest.approx(best)
    assert micro(true, scores >= found.value).f1 == pytest.approx(best)


def test_a_threshold_needs_gold_codes():
    assert math.isnan(best_threshold(np.zeros((1, 2)), np.ones((1, 2))).micro_f1)
    unscored = best_threshold(np.ones((1, 2)), sparse.csr_matrix((1, 2)))
    assert (unscored.value, unscored.micro_f1) == (float("inf"), 0.0)


def test_the_threshold_lies_between_two_scores():
    found = best_threshold(np.array([[1, 0]]), np.array([[0.8, 0.4]]))
    assert found.value == pytest.approx(0.6)
