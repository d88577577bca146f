import math

import pytest
import torch

from cac.classify.config import LossConfig
from cac.classify.losses import evidence_loss, label_loss, r_drop

LOGITS = torch.tensor([[2.0, -1.0, 0.3], [-4.0, 5.0, -0.2]], dtype=torch.float64)
TARGETS = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def mean(term: object) -> float:
    pairs = zip(LOGITS.flatten().tolist(), TARGETS.flatten().tolist(), strict=True)
    return sum(term(sigmoid(x), y) for x, y in pairs) / LOGITS.numel()  # type: ignore[operator]


def test_losses_are_those_of_their_papers() -> None:
    def bce(p: float, y: float) -> float:
        return -math.log(p if y else 1 - p)

    def focal(p: float, y: float) -> float:
        return (0.25 * (1 - p) ** 2 if y else 0.75 * p**2) * bce(p, y)

    def asymmetric(p: float, y: float) -> float:
        shifted = max(p - 0.05, 0.0)
        return -((1 - p) * math.log(p) if y else shifted**4 * math.log(1 - shifted))

    assert label_loss(LOGITS, TARGETS, LossConfig()).item() == pytest.approx(mean(bce))
    config = LossConfig(kind="focal", gamma_positive=2.0)
    assert label_loss(LOGITS, TARGETS, config).item() == pytest.approx(mean(focal))
    config = LossConfig(kind="asymmetric")
    assert label_loss(LOGITS, TARGETS, config).item() == pytest.approx(mean(asymmetric))


@pytest.mark.parametrize("kind", ["bce", "focal"])
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    config = LossConfig(kind=kind, gamma_positive=2.0)  # type: ignore[arg-type]
    logits = LOGITS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: label_loss(x, TARGETS, config), logits)


@pytest.mark.parametrize("kind", ["bce", "asymmetric", "focal"])
def test_extreme_logits_neither_overflow_nor_lose_their_gradient(kind: str) -> None:
    logits = torch.tensor([[200.0, -200.0]], requires_grad=True)
    loss = label_loss(logits, torch.tensor([[0.0, 1.0]]), LossConfig(kind=kind))  # type: ignore[arg-type]
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()
    assert logits.grad[0, 1] < 0


def test_r_drop_is_the_symmetric_divergence() -> None:
    def divergence(p: float, q: float) -> float:
        return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))

    pairs = list(zip(LOGITS.flatten().tolist(), TARGETS.flatten().tolist(), strict=True))
    wanted = sum(
        (divergence(sigmoid(a), sigmoid(b)) + divergence(sigmoid(b), sigmoid(a))) / 2
        for a, b in pairs
    )
    assert r_drop(LOGITS, TARGETS).item() == pytest.approx(wanted / len(pairs))
    assert r_drop(LOGITS, LOGITS).item() == 0


def test_evidence_loss_asks_for_attention_on_the_spans() -> None:
    weights = [torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]), torch.tensor([[1.0]])]
    gold = [torch.tensor([[1, 1, 0], [0, 0, 0]]), torch.tensor([[0]])]
    assert evidence_loss(weights, gold).item() == pytest.approx(-math.log(0.75))
    assert evidence_loss(weights[1:], gold[1:]).item() == 0
