"""Calibration maps log-odds to probabilities that hold, and reads back as written."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from cac.errors import BundleError, SettingsError
from cac.rank import Calibration, Convention, Ranker, fit_calibration

if TYPE_CHECKING:
    from cac.codes import Icd10cm
    from tests.rank.conftest import Scene


def _sample(n: int = 3000) -> tuple[list[dict[str, float]], list[bool]]:
    """Codes whose true log-odds are half of the stated ones, less one."""
    generator = random.Random(7)
    parts = [{"term": generator.uniform(-4, 4), "heading": 1.0} for _ in range(n)]
    truth = [1 / (1 + math.exp(-(0.5 * (p["term"] + 1.0) - 1.0))) for p in parts]
    return parts, [generator.random() < t for t in truth]


def test_platt_finds_slope_and_intercept() -> None:
    parts, labels = _sample()
    calibration = fit_calibration(parts, labels, method="platt", fitted_on="made up")
    assert calibration.slope == pytest.approx(0.5, abs=0.06)
    assert calibration.intercept == pytest.approx(-1.0, abs=0.12)


def test_isotonic_agrees_with_scikit_learn() -> None:
    parts, labels = _sample(400)
    calibration = fit_calibration(parts, labels, fitted_on="made up")
    sums = np.array([sum(p.values()) for p in parts])
    reference = IsotonicRegression(out_of_bounds="clip").fit(sums, np.array(labels, dtype=float))
    ours = np.array([calibration.probability(x) for x in sums])
    assert np.abs(ours - reference.predict(sums)).mean() < 0.03
    assert (np.diff(ours[np.argsort(sums)]) >= 0).all()


def test_multipliers_learn_what_a_feature_is_worth() -> None:
    parts, labels = _sample()
    calibration = fit_calibration(parts, labels, method="platt", fitted_on="x", reweigh=True)
    assert calibration.multipliers["term"] == pytest.approx(0.5, abs=0.06)
    assert calibration.weigh({"term": 2.0, "new": 1.0})["new"] == 1.0


@pytest.mark.parametrize("method", ["platt", "isotonic"])
def test_saved_and_loaded(tmp_path: Path, method: str) -> None:
    parts, labels = _sample(300)
    calibration = fit_calibration(parts, labels, method=method, fitted_on="made up")
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration
    assert calibration.probability(-1e9) > 0
    assert calibration.probability(1e9) < 1
    reached = calibration.log_odds(0.4)
    assert calibration.probability(reached) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("text", ["{}", "[1]", "no json", '{"method": "magic", "knots": [], '
                                  '"fitted_on": "x", "n_labels": 1}'])  # fmt: skip
def test_damaged_calibration_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(text)
    with pytest.raises(BundleError, match="Fit it again"):
        Calibration.load(file)


def test_labels_of_one_kind_are_refused() -> None:
    with pytest.raises(SettingsError, match="some right and some wrong"):
        fit_calibration([{"term": 1.0}], [True], fitted_on="x")


def test_calibrated_ranking_says_so(scene: Scene, icd10cm: Icd10cm) -> None:
    parts, labels = _sample(500)
    calibration = fit_calibration(parts, labels, method="platt", fitted_on="made up")
    convention = Convention.load("us-outpatient")
    scene.section("assessment", "1. Gout.").mention("Gout", "M10.9")
    plain = scene.rank()
    scene.ranker = Ranker(icd10cm, convention, calibration)
    ranking = scene.rank(min_probability=0.0)
    assert (plain.calibrated, ranking.calibrated) == (False, True)
    log_odds = sum(plain.ranked[0].parts.values())
    expected = calibration.probability(log_odds)
    assert ranking.suggestions[0].probability == pytest.approx(expected)
