"""Bootstrap intervals and approximate randomization, against loops."""

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from cac.errors import SettingsError
from cac.metrics import (
    bootstrap_interval,
    compare_means,
    compare_micro_f1,
    macro_f1_present,
    macro_f1_present_statistic,
    mean_statistic,
    micro,
    micro_f1_statistic,
    ratio_statistic,
)


@pytest.fixture
def answers():
    random = np.random.default_rng(3)
    true = random.integers(0, 2, size=(40, 6))
    pred = np.where(random.random(true.shape) < 0.8, true, 1 - true)
    return true, pred


def drawn_rows(weights):
    return np.repeat(np.arange(weights.size), weights.astype(int))


def test_statistics_are_the_metrics_of_the_drawn_notes(answers):
    true, pred = answers
    weights = np.random.default_rng(5).multinomial(40, np.full(40, 1 / 40), size=7).astype(float)
    micro_f1 = micro_f1_statistic(true, pred)(weights)
    macro_f1 = macro_f1_present_statistic(true, pred)(weights)
    means = mean_statistic(np.where(np.arange(40) % 7, np.arange(40.0), np.nan))(weights)
    for sample, w in enumerate(weights):
        rows = drawn_rows(w)
        wanted = sk.f1_score(true[rows].ravel(), pred[rows].ravel())
        assert micro_f1[sample] == pytest.approx(wanted)
        assert macro_f1[sample] == pytest.approx(macro_f1_present(true[rows], pred[rows]))
        assert means[sample] == pytest.approx(np.mean([r for r in rows if r % 7]))


def test_the_interval_holds_the_figure_and_is_seeded(answers):
    true, pred = answers
    statistic = micro_f1_statistic(true, pred)
    found = bootstrap_interval(statistic, 40, n_samples=500, seed=1)
    assert found.value == pytest.approx(micro(true, pred).f1)
    assert found.low < found.value < found.high
    assert found == bootstrap_interval(statistic, 40, n_samples=500, seed=1)
    assert found != bootstrap_interval(statistic, 40, n_samples=500, seed=2)


def test_the_interval_of_a_mean_is_about_two_standard_errors():
    values = np.random.default_rng(0).normal(size=400)
    found = bootstrap_interval(mean_statistic(values), 400, n_samples=2000)
    error = values.std() / math.sqrt(400)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_undefined_samples_are_left_out():
    found = bootstrap_interval(ratio_statistic(np.zeros(3), np.zeros(3)), 3, n_samples=10)
    assert math.isnan(found.value)
    assert math.isnan(found.low)


def test_no_notes_are_refused():
    with pytest.raises(SettingsError, match="0 notes"):
        bootstrap_interval(mean_statistic(np.zeros(0)), 0)


def test_p_value_of_all_swaps_by_enumeration():
    true = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 0, 0]])
    first = true.copy()
    second = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0], [1, 1, 0], [1, 0, 0]])

    def difference(swaps):
        s = np.array(swaps, dtype=bool)[:, None]
        one, two = np.where(s, second, first), np.where(s, first, second)
        return sk.f1_score(true.ravel(), one.ravel()) - sk.f1_score(true.ravel(), two.ravel())

    observed = difference([0] * 5)
    every = [difference([n >> b & 1 for b in range(5)]) for n in range(32)]
    exact = np.mean([abs(d) >= observed - 1e-12 for d in every])
    found = compare_micro_f1(true, first, second, n_shuffles=20000, seed=0)
    assert found.difference == pytest.approx(observed)
    assert found.p_value == pytest.approx(exact, abs=0.015)


def test_equal_systems_do_not_differ(answers):
    true, pred = answers
    assert compare_micro_f1(true, pred, pred, n_shuffles=99).p_value == 1


def test_means_far_apart_differ():
    found = compare_means(np.ones(30), np.zeros(30), n_shuffles=999)
    assert found.difference == 1
    assert found.p_value == pytest.approx(0.001)
    with pytest.raises(SettingsError, match="without a figure"):
        compare_means(np.array([np.nan]), np.array([1.0]))
