import json
import math

import numpy as np
import pytest

from cac.coding import Band, Code, CodeSystem
from cac.decide.bands import (
    NEVER,
    Bands,
    binomial_p,
    design_effect,
    fit_bands,
    precision_bound,
)
from cac.decide.decisions import Decision, apply_calibration, fit_decisions
from cac.decide.promise import check_promise


def drawn(
    rng: np.random.Generator, n_notes: int, *, bunching: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw codes whose probability is true, up to a shift that all codes of a note share."""
    notes = np.repeat(np.arange(n_notes), 12)
    logit = rng.normal(1.0, 2.5, len(notes)) + 0.0
    shift = rng.normal(0.0, bunching, n_notes)[notes]
    probabilities = 1 / (1 + np.exp(-logit))
    truth = rng.random(len(notes)) < 1 / (1 + np.exp(-(logit + shift)))
    return probabilities, truth, notes


def true_precision(accept: float, *, bunching: float) -> float:
    probabilities, truth, _ = drawn(np.random.default_rng(99), 60_000, bunching=bunching)
    return float(truth[probabilities >= accept].mean())


@pytest.mark.parametrize("bunching", [0.0, 1.0])
def test_the_promise_is_broken_no_oftener_than_it_says(bunching: float) -> None:
    rng = np.random.default_rng(0)
    n_accepting = n_broken = 0
    for _ in range(60):
        bands = fit_bands(*drawn(rng, 150, bunching=bunching), 0.3, confidence=0.9)
        if bands.accept < NEVER:
            n_accepting += 1
            n_broken += true_precision(bands.accept, bunching=bunching) < 0.95
    assert n_accepting > 40
    # 60 trials at one in ten: 11 or more would be seen in one of twenty runs.
    assert n_broken <= 10


def test_more_notes_let_more_be_accepted() -> None:
    def share(n_notes: int, seed: int) -> float:
        probabilities, truth, notes = drawn(np.random.default_rng(seed), n_notes)
        bands = fit_bands(probabilities, truth, notes, 0.3)
        return float((probabilities >= bands.accept).mean())

    few, more, many = (np.mean([share(n, seed) for seed in range(8)]) for n in (20, 200, 2000))
    assert few < more < many


def test_too_few_codes_are_never_accepted() -> None:
    right = np.ones(40, dtype=bool)
    bands = fit_bands(np.linspace(0.9, 1, 40), right, np.arange(40), 0.5)
    assert bands.accept == NEVER
    assert bands.of(1.0) is Band.REVIEW
    assert bands.of(0.4) is Band.ABSTAIN


def test_the_p_value_is_the_binomial_tail() -> None:
    n, k, precision = 80, 78, 0.95
    tail = sum(math.comb(n, i) * precision**i * (1 - precision) ** (n - i) for i in range(k, n + 1))
    assert binomial_p(k, n, precision) == pytest.approx(tail)
    assert binomial_p(k, n, precision, effect=2.0) > tail
    bound = precision_bound(k, n, 0.9)
    assert binomial_p(k, n, bound) == pytest.approx(0.1)
    assert precision_bound(0, 5, 0.9) == 0.0


def test_codes_that_are_right_or_wrong_by_note_tell_as_little_as_their_notes() -> None:
    notes = np.repeat(np.arange(200), 10)
    by_note = np.repeat(np.random.default_rng(0).random(200) < 0.9, 10)
    assert design_effect(by_note, notes) == pytest.approx(10, rel=0.05)
    scattered = np.random.default_rng(0).random(2000) < 0.9
    assert design_effect(scattered, notes) == pytest.approx(1, abs=0.25)


def test_the_evaluation_tells_whether_the_promise_held() -> None:
    rng = np.random.default_rng(3)
    bands = fit_bands(*drawn(rng, 800), 0.3)
    probabilities, truth, notes = drawn(rng, 800)
    promise = check_promise(bands, probabilities, truth, notes, n_gold=int(truth.sum()))
    accept, review, abstain = promise.figures
    assert promise.kept
    assert accept.lower < accept.precision < accept.upper
    assert accept.precision > review.precision > abstain.precision
    assert accept.n_codes + review.n_codes + abstain.n_codes == len(truth)
    assert accept.share + review.share + abstain.share == pytest.approx(1)
    broken = check_promise(
        bands, probabilities, truth & (rng.random(len(truth)) < 0.8), notes, n_gold=1
    )
    assert broken.kept is False
    none = check_promise(bands, probabilities[:0], truth[:0], notes[:0], n_gold=0)
    assert none.kept is None


def test_each_system_is_decided_by_itself() -> None:
    rng = np.random.default_rng(5)
    codes = [Code(CodeSystem.ICD10CM, f"A{i:02}") for i in range(20)]
    codes += [Code(CodeSystem.ICD10PCS, f"0{i:02}") for i in range(20)]
    chance = rng.beta(0.4, 2.0, (300, 40))
    truth = rng.random((300, 40)) < chance
    chance[:, 20:] **= 2  # the second half is underconfident
    decisions = fit_decisions(chance, truth, codes)
    calibrated = apply_calibration(chance, codes, decisions)
    for columns, system in ((slice(20), CodeSystem.ICD10CM), (slice(20, 40), CodeSystem.ICD10PCS)):
        decision = decisions[system]
        found = calibrated[:, columns]
        assert found.mean() == pytest.approx(truth[:, columns].mean(), rel=0.05)
        cut = decision.calibration.threshold
        assert decision.bands.review == cut

        def f1(at: float, found: np.ndarray = found, gold: np.ndarray = truth[:, columns]) -> float:
            kept = found >= at
            return 2 * float((kept & gold).sum()) / float(kept.sum() + gold.sum())

        assert f1(cut) == pytest.approx(max(f1(at) for at in np.unique(found.round(3))), abs=2e-3)
        assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision
    assert Bands.from_json(decisions[CodeSystem.ICD10CM].bands.to_json()).precision == 0.95
