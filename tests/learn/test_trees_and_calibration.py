import json

import numpy as np
import pytest

from cac.decide.calibration import Calibration, best_f1, calibrate
from cac.learn.trees import _SETTINGS, SplitTrees, Trees, fit_split, fit_trees


def made(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(n, 4)).round(2)
    return rows, rows[:, 0] + rows[:, 1] * rows[:, 2] + rng.normal(size=n) / 2 > 0


def test_exported_trees_answer_as_scikit_learn_does() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows, truth = made()
    reference = HistGradientBoostingClassifier(max_iter=30, **_SETTINGS).fit(rows, truth)
    trees = Trees.from_json(
        json.loads(json.dumps(fit_trees(rows, truth, "abcd", n_trees=30).to_json()))
    )
    other = made(100)[0] + 0.005
    np.testing.assert_allclose(
        trees.probabilities(other), reference.predict_proba(other)[:, 1], rtol=1e-9
    )


def test_no_rows_give_no_probabilities() -> None:
    rows, truth = made(200)
    assert fit_trees(rows, truth, "abcd", n_trees=3).probabilities(np.zeros((0, 4))).shape == (0,)


def test_the_best_f1_is_that_of_the_best_cut() -> None:
    rng = np.random.default_rng(1)
    chances, truth = rng.integers(0, 8, 50) / 8, rng.random(50) < 0.4
    n_gold = int(truth.sum()) + 5

    def f1(cut: float) -> float:
        kept = chances >= cut
        return 2 * float(truth[kept].sum()) / (float(kept.sum()) + n_gold)

    assert best_f1(chances, truth, n_gold) == pytest.approx(max(f1(c) for c in np.unique(chances)))


def test_half_of_the_best_f1_is_the_best_cut_of_calibrated_probabilities() -> None:
    rng = np.random.default_rng(2)
    chances = rng.beta(0.5, 1.0, 40_000)
    truth, n_gold = rng.random(40_000) < chances, 20_000
    threshold = calibrate(chances, truth, n_gold).threshold
    kept = chances >= threshold
    reached = 2 * truth[kept].sum() / (kept.sum() + n_gold)
    assert reached == pytest.approx(best_f1(chances, truth, n_gold), abs=0.001)


def test_calibration_mends_overconfidence() -> None:
    rng = np.random.default_rng(0)
    true = rng.random(4000) * 0.8 + 0.1
    truth = rng.random(4000) < true
    logit = 3 * np.log(true / (1 - true)) + 1
    calibrated = calibrate(1 / (1 + np.exp(-logit)), truth, int(truth.sum()))
    assert calibrated.apply(1 / (1 + np.exp(-logit))) == pytest.approx(true, abs=0.05)
    assert Calibration.from_json(calibrated.to_json()) == calibrated


def test_nothing_to_calibrate_on_changes_nothing() -> None:
    assert calibrate(np.array([0.4]), np.array([True]), 1) == Calibration()


def test_split_trees_answer_as_each_part_does() -> None:
    rows, truth = made()
    rows[:, 3] = (rows[:, 3] > 0).astype(float)
    split = fit_split(rows, truth, "abcd", "d", n_trees=5)
    again = SplitTrees.from_json(json.loads(json.dumps(split.to_json())))
    above = rows[:, 3] > 0
    alone = fit_trees(rows[above], truth[above], "abcd", n_trees=5)
    np.testing.assert_allclose(again.probabilities(rows)[above], alone.probabilities(rows[above]))


def test_a_part_without_rows_of_both_kinds_answers_the_smoothed_share() -> None:
    rows = np.zeros((9, 1))
    split = fit_split(rows, np.ones(9, dtype=bool), ["a"], "a")
    assert split.probabilities(np.array([[0.0], [1.0]])) == pytest.approx([0.95, 0.5])
