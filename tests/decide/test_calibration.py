"""Calibrations against scikit-learn, on scores that were not fitted on, and through JSON."""

import json
from typing import get_args

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from cac.coding import Code, CodeSystem
from cac.decide.bands import fit_bands
from cac.decide.calibration import Bools, Calibration, Floats, Method, calibrate
from cac.decide.decisions import Decision, apply_calibration, fit_decisions
from cac.metrics.calibration import expected_calibration_error

_TILT = 1e-3


def drawn(seed: int, n: int = 6000) -> tuple[Floats, Bools]:
    """Draw scores whose true probability is a staircase of them: no logistic curve fits it."""
    rng = np.random.default_rng(seed)
    scores = rng.random(n)
    true = np.select([scores < 0.3, scores < 0.7], [0.02, 0.4], 0.95)
    return scores, rng.random(n) < true


def platt_targets(truth: Bools) -> Floats:
    n_right, n = truth.sum(), len(truth)
    return np.where(truth, (n_right + 1) / (n_right + 2), 1 / (n - n_right + 2))


def test_isotonic_answers_as_scikit_learn_does() -> None:
    scores, truth = drawn(0)
    fitted = calibrate(scores, truth, int(truth.sum()), "isotonic")
    reference = IsotonicRegression(out_of_bounds="clip").fit(scores, platt_targets(truth))
    asked = np.concatenate([np.linspace(0, 1, 501), drawn(1)[0]])
    expected = (1 - _TILT) * reference.predict(asked) + _TILT * asked
    np.testing.assert_allclose(fitted.apply(asked), expected, rtol=0, atol=1e-12)


def test_temperature_is_one_slope_on_the_log_odds() -> None:
    scores, truth = drawn(0)
    fitted = calibrate(scores, truth, int(truth.sum()), "temperature")
    log_odds = np.log(scores / (1 - scores))[:, None]
    reference = LogisticRegression(C=1e6, fit_intercept=False).fit(log_odds, truth)
    np.testing.assert_allclose(fitted.apply(scores), reference.predict_proba(log_odds)[:, 1])
    assert fitted.apply(np.array([0.5])) == pytest.approx(0.5)


def test_isotonic_holds_on_other_codes_where_platt_does_not() -> None:
    fitted_on, (scores, truth) = drawn(0), drawn(1)
    errors = {}
    for method in get_args(Method):
        fitted = calibrate(*fitted_on, int(fitted_on[1].sum()), method)
        chances = fitted.apply(scores)
        errors[method] = expected_calibration_error(truth.astype(float), chances)
    assert errors["isotonic"] < 0.02
    assert errors["isotonic"] < errors["platt"] / 2
    assert errors["isotonic"] < errors["temperature"] / 2


def test_codes_of_one_step_keep_the_order_of_their_scores() -> None:
    scores, truth = drawn(0)
    fitted = calibrate(scores, truth, int(truth.sum()), "isotonic")
    asked = np.unique(scores)
    chances = fitted.apply(asked)
    assert len(fitted.knots) < len(asked) / 10
    assert (np.diff(chances) > 0).all()
    # In the JSON lines a probability has six digits: scores a hundredth apart still differ.
    assert len(set(np.round(fitted.apply(np.linspace(0, 1, 101)), 6))) == 101


def test_no_count_makes_a_code_certain() -> None:
    scores = np.linspace(0.01, 0.99, 50)
    fitted = calibrate(scores, scores > 0.5, 25, "isotonic")
    chances = fitted.apply(np.array([0.0, 0.01, 0.99, 1.0]))
    assert (chances > 0).all()
    assert (chances < 1).all()
    assert chances[1] == pytest.approx(1 / 27, abs=2 * _TILT)
    assert chances[2] == pytest.approx(26 / 27, abs=2 * _TILT)


def test_bands_accept_the_same_codes_whatever_the_curve() -> None:
    # A rising curve changes no order, so the same codes are tested in the same order.
    scores, truth = drawn(0)
    notes = np.arange(len(scores)) // 12
    n_accepted = set()
    for method in get_args(Method):
        chances = calibrate(scores, truth, int(truth.sum()), method).apply(scores)
        bands = fit_bands(chances, truth, notes, 0.0, precision=0.9)
        n_accepted.add((bands.n_accepted, bands.n_right))
        other_scores, other_truth = drawn(1)
        other = calibrate(scores, truth, int(truth.sum()), method).apply(other_scores)
        assert other_truth[other >= bands.accept].mean() > 0.9
    assert len(n_accepted) == 1
    assert n_accepted.pop()[0] > 1000


@pytest.mark.parametrize("method", get_args(Method))
def test_a_decision_survives_its_json(method: Method) -> None:
    scores, truth = drawn(0, 1200)
    codes = [Code(CodeSystem.ICD10CM, f"A0{i}") for i in range(3)]
    codes += [Code(CodeSystem.ICD10PCS, f"0A{i}") for i in range(3)]
    shaped, gold = scores.reshape(-1, 6), truth.reshape(-1, 6)
    decisions = fit_decisions(shaped, gold, codes, method=method)
    assert {d.calibration.method for d in decisions.values()} == {method}
    again = {
        s: Decision.from_json(json.loads(json.dumps(d.to_json()))) for s, d in decisions.items()
    }
    assert again == decisions
    calibrated = apply_calibration(shaped, codes, decisions)
    for row_before, row_after in zip(shaped, calibrated, strict=True):
        for system in (slice(0, 3), slice(3, 6)):
            before, after = np.argsort(row_before[system]), np.argsort(row_after[system])
            assert before.tolist() == after.tolist()


def test_a_bundle_of_before_names_no_method() -> None:
    read = Calibration.from_json({"slope": 2.0, "intercept": 0.5, "threshold": 0.3})
    assert read == Calibration(2.0, 0.5, 0.3, "platt")


@pytest.mark.parametrize(
    "change",
    [
        {"method": "histogram"},
        {"method": "isotonic", "knots": []},
        {"knots": [[0.1, 0.2]]},
        {"method": "isotonic", "knots": [[0.1, 0.5], [0.2, 0.4]]},
        {"method": "isotonic", "knots": [[0.1, 0.2], [0.1, 0.4]]},
    ],
)
def test_a_damaged_calibration_is_refused(change: dict[str, object]) -> None:
    whole = {"slope": 1.0, "intercept": 0.0, "threshold": 0.5, "method": "platt", "knots": []}
    assert Calibration.from_json(whole) == Calibration()
    with pytest.raises(ValueError, match="knots"):
        Calibration.from_json(whole | change)
