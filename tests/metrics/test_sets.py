"""Metrics of sets of codes, against scikit-learn and plain references."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn import metrics as sk

from cac.errors import SettingsError
from cac.metrics import (
    counts_by_code,
    counts_by_note,
    exact_match_ratio,
    f1_by_code,
    jaccard,
    macro_f1_caml,
    macro_f1_present,
    micro,
    micro_by_frequency,
    precision_recall_f1,
    principal_accuracy,
)


@st.composite
def pairs(draw):
    shape = draw(st.tuples(st.integers(1, 8), st.integers(1, 6)))
    bits = hnp.arrays(np.int64, shape, elements=st.integers(0, 1))
    return draw(bits), draw(bits)


def same(found, wanted):
    np.testing.assert_equal(astuple(found), astuple(wanted))


@given(pairs())
def test_micro_is_that_of_scikit_learn(pair):
    true, pred = pair
    found = micro(true, pred)
    p, r, f, _ = sk.precision_recall_fscore_support(
        true.ravel(), pred.ravel(), average="binary", zero_division=np.nan
    )
    np.testing.assert_allclose([found.precision, found.recall], [p, r])
    if true.sum() + pred.sum():
        np.testing.assert_allclose(found.f1, f)
    else:
        assert math.isnan(found.f1)


@given(pairs())
def test_sparse_and_dense_agree(pair):
    true, pred = pair
    for kind in (sparse.csr_matrix, sparse.csc_matrix, sparse.coo_matrix):
        same(micro(kind(true), kind(pred)), micro(true, pred))
        np.testing.assert_equal(macro_f1_caml(kind(true), kind(pred)), macro_f1_caml(true, pred))
        np.testing.assert_equal(jaccard(kind(true), kind(pred)), jaccard(true, pred))


@given(pairs())
def test_macro_f1_present_is_scikit_learns_over_the_gold_codes(pair):
    true, pred = pair
    present = true.sum(axis=0) > 0
    found = macro_f1_present(true, pred)
    if not present.any():
        assert math.isnan(found)
        return
    columns = np.flatnonzero(present)
    by_code = [sk.f1_score(true[:, c], pred[:, c], zero_division=0) for c in columns]
    np.testing.assert_allclose(found, np.mean(by_code))


@given(pairs())
def test_macro_f1_caml_is_the_formula_of_its_script(pair):
    true, pred = pair
    both = (true & pred).sum(axis=0)
    precision = (both / (pred.sum(axis=0) + 1e-10)).mean()
    recall = (both / (true.sum(axis=0) + 1e-10)).mean()
    wanted = 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)
    np.testing.assert_allclose(macro_f1_caml(true, pred), wanted, atol=1e-8)


def test_the_two_macros_differ_by_absent_codes():
    true = np.array([[1, 0, 0, 0], [1, 1, 0, 0]])
    assert macro_f1_present(true, true) == 1
    assert macro_f1_caml(true, true) == 0.5


@given(pairs())
def test_jaccard_and_exact_match(pair):
    true, pred = pair
    sets = [(set(np.flatnonzero(t)), set(np.flatnonzero(p))) for t, p in zip(*pair, strict=True)]
    wanted = np.mean([len(t & p) / len(t | p) if t | p else 1.0 for t, p in sets])
    np.testing.assert_allclose(jaccard(true, pred), wanted)
    np.testing.assert_allclose(exact_match_ratio(true, pred), np.mean([t == p for t, p in sets]))
    np.testing.assert_allclose(exact_match_ratio(true, pred), (true == pred).all(axis=1).mean())


@given(pairs())
def test_counts_by_code_are_scikit_learns_confusion(pair):
    true, pred = pair
    counts = counts_by_code(true, pred)
    for column in range(true.shape[1]):
        matrix = sk.confusion_matrix(true[:, column], pred[:, column], labels=[0, 1])
        got = [counts.fp[column], counts.fn[column], counts.tp[column]]
        assert got == [matrix[0, 1], matrix[1, 0], matrix[1, 1]]
    assert counts_by_note(true, pred).tp.sum() == counts.tp.sum()


def test_a_code_neither_gold_nor_predicted_has_no_f1():
    counts = counts_by_code(np.array([[1, 0, 0]]), np.array([[1, 1, 0]]))
    np.testing.assert_equal(f1_by_code(counts), [1.0, 0.0, np.nan])


def test_nothing_predicted_is_not_zero_precision():
    found = micro(np.ones((2, 2)), np.zeros((2, 2)))
    assert math.isnan(found.precision)
    assert found.recall == 0
    assert found.f1 == 0


def test_no_notes_give_nan():
    empty = np.zeros((0, 3))
    assert math.isnan(micro(empty, empty).f1)
    assert math.isnan(macro_f1_present(empty, empty))
    assert math.isnan(jaccard(empty, empty))


def test_shapes_that_differ_are_refused():
    with pytest.raises(SettingsError, match=r"\(2, 2\) and \(2, 3\)"):
        micro(np.ones((2, 2)), np.ones((2, 3)))
    with pytest.raises(SettingsError, match="1 dimensions"):
        micro(np.ones(2), np.ones(2))


@given(pairs(), st.lists(st.sampled_from([0, 1, 10, 11, 50, 51, 100, 101, 500, 501]), min_size=6))
def test_buckets_divide_the_counts(pair, n_training):
    true, pred = pair
    frequencies = np.array(n_training[: true.shape[1]])
    found = micro_by_frequency(true, pred, frequencies)
    bounds = {"unseen": (0, 0), "1-10": (1, 10), "11-50": (11, 50), "51-100": (51, 100)}
    for name, (low, high) in (bounds | {"101-500": (101, 500), ">500": (501, 10**9)}).items():
        chosen = (frequencies >= low) & (frequencies <= high)
        same(found[name], micro(true[:, chosen], pred[:, chosen]))
    assert sum(f.n_correct for f in found.values()) == micro(true, pred).n_correct


def test_buckets_need_a_count_for_each_code():
    with pytest.raises(SettingsError, match="of 2 codes found, of 3 wanted"):
        micro_by_frequency(np.ones((1, 3)), np.ones((1, 3)), np.array([1, 2]))


def test_principal_accuracy_skips_notes_without_principal():
    assert principal_accuracy(np.array([3, 5, -1, 2]), np.array([3, 4, 7, -1])) == pytest.approx(
        1 / 3
    )
    assert math.isnan(principal_accuracy(np.array([-1]), np.array([1])))


def test_precision_recall_f1_of_counts():
    found = precision_recall_f1(2, 4, 8)
    assert (found.precision, found.recall) == (0.5, 0.25)
    assert found.f1 == pytest.approx(1 / 3)
