"""The model against plain references: one note at a time, one window at a time, no batching."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from cac.classify.batch import BatchBuilder
from cac.classify.config import EncoderConfig, HeadConfig, HeadKind
from cac.classify.model import DocumentClassifier
from cac.classify.tokens import EncodedNote, NoteTokenizer

MakeModel = Callable[..., DocumentClassifier]
KINDS = get_args(HeadKind)
TEXTS = [
    "No fever, cough: pneumonia in the left chest. " * 4,
    "Fever.",
    "Patient denies chest pain and history of heart failure.",
    "",
    "Acute kidney disease. " * 9,
    "Fever, cough, pain, fracture.",
    "Type two diabetes: chronic kidney disease stage.",
]


@pytest.fixture
def notes(tokenizer: NoteTokenizer) -> list[EncodedNote]:
    return tokenizer.encode_many(TEXTS)


def plain_states(model: DocumentClassifier, note: EncodedNote, builder: BatchBuilder) -> Tensor:
    """Encode one window at a time, and look each token up in the window nearest its centre."""
    layout = builder.layout(len(note))
    rows = []
    for token in range(len(note)):
        centres = [start + (layout.length - 1) / 2 for start in layout.starts]
        nearest = min(range(len(centres)), key=lambda i: (abs(token - centres[i]), i))
        start = layout.starts[nearest]
        ids = [2, *note.input_ids[start : start + layout.length], 3]
        states = model.encoder.transformer(input_ids=torch.tensor([ids])).last_hidden_state
        rows.append(states[0, 1 + token - start])
    return torch.stack(rows) if rows else torch.zeros(0, 16)


@torch.no_grad()
def test_states_are_those_of_the_nearest_window(
    make_model: MakeModel, builder: BatchBuilder, notes: list[EncodedNote]
) -> None:
    model = make_model(HeadConfig())
    wanted = torch.cat([plain_states(model, note, builder) for note in notes])
    assert torch.allclose(model.states(builder.build(notes)), wanted, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_notes_beside_it_and_padding_change_no_logit(
    kind: HeadKind, make_model: MakeModel, builder: BatchBuilder, notes: list[EncodedNote]
) -> None:
    model = make_model(HeadConfig(kind=kind, attention_width=8))
    together = model(builder.build(notes))
    alone = torch.cat([model(builder.build([note])) for note in notes])
    assert together.shape == (7, 5)
    assert torch.isfinite(together).all()
    assert torch.allclose(together, alone, atol=1e-5)
    assert not torch.allclose(together[0], together[4], atol=1e-3)


@torch.no_grad()
def test_what_padding_holds_is_never_read(
    make_model: MakeModel, builder: BatchBuilder, notes: list[EncodedNote]
) -> None:
    model = make_model(HeadConfig())
    batch = builder.build(notes)
    padded = [p for p in batch.passes if p.mask is not None]
    assert padded
    before = model(batch)
    for group in padded:
        group.input_ids[~group.mask] = 7
    assert torch.allclose(model(batch), before, atol=1e-6)


def softmax_rows(scores: Tensor) -> Tensor:
    exponents = torch.tensor([[math.exp(x) for x in row] for row in scores.tolist()])
    return exponents / exponents.sum(dim=1, keepdim=True)


@torch.no_grad()
def test_cross_attention_is_what_the_paper_says(make_model: MakeModel) -> None:
    head = make_model(HeadConfig(attention_width=8)).head
    states = torch.randn(7, 16)
    labels = head.labels
    keys, values = states @ head.to_key.weight.T, head.to_value(states)
    weights = softmax_rows(labels.queries @ keys.T / math.sqrt(8))
    read = weights @ values
    normed = (read - read.mean(1, keepdim=True)) / (
        read.var(1, keepdim=True, unbiased=False) + 1e-5
    ) ** 0.5
    wanted = (normed * labels.outputs).sum(1) + labels.bias
    assert torch.allclose(head(states, [7])[0], wanted, atol=1e-5)
    assert torch.allclose(head.weights(states, torch.tensor([3, 0])), weights[[3, 0]], atol=1e-5)


@pytest.mark.parametrize(("kind", "width"), [("label_attention", 16), ("laat", 8), ("laat", 24)])
@torch.no_grad()
def test_label_attention_is_what_the_papers_say(
    kind: HeadKind, width: int, make_model: MakeModel
) -> None:
    head = make_model(HeadConfig(kind=kind, attention_width=width)).head
    states = torch.randn(7, 16)
    labels = head.labels
    weights = softmax_rows(labels.queries @ torch.tanh(states @ head.to_key.weight.T).T)
    assert labels.queries.shape == (5, width)
    wanted = ((weights @ states) * labels.outputs).sum(1) + labels.bias
    assert torch.allclose(head(states, [7])[0], wanted, atol=1e-5)
    assert torch.allclose(head.weights(states, torch.arange(5)), weights, atol=1e-5)


@torch.no_grad()
def test_max_pooling_takes_the_highest_score(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cac.classify.heads._N_SCORES", 14)
    head = make_model(HeadConfig(kind="max_pool", attention_width=0)).head
    states = torch.randn(7, 16)
    scores = head.labels.queries @ head.to_key(states).T
    assert torch.allclose(head(states, [7])[0], scores.max(1).values + head.labels.bias, atol=1e-5)


@torch.no_grad()
def test_attention_of_a_note_sums_to_one_over_its_own_tokens(
    make_model: MakeModel, builder: BatchBuilder, notes: list[EncodedNote]
) -> None:
    model = make_model(HeadConfig(attention_width=8))
    found = model.attention(builder.build(notes), [[0, 2], [1], [], [3], [4, 0, 1], [0], [0]])
    assert [tuple(w.shape) for w in found] == [
        (2, 44),
        (1, 2),
        (0, 10),
        (1, 0),
        (3, 36),
        (1, 8),
        (1, 9),
    ]
    assert all(torch.allclose(w.sum(1), torch.ones(len(w))) for w in found if w.numel())


def test_recomputing_the_head_changes_no_gradient(
    make_model: MakeModel, builder: BatchBuilder, notes: list[EncodedNote], config: EncoderConfig
) -> None:
    gradients = []
    for recompute in (False, True):
        model = make_model(HeadConfig(dropout=0.0))
        model.head._recompute = recompute
        model.head.train()
        model(builder.build(notes)).pow(2).sum().backward()
        gradients.append(model.head.labels.queries.grad)
    assert torch.allclose(*gradients, atol=1e-5)
    assert gradients[0].abs().max() > 0


@torch.no_grad()
def test_bfloat16_answers_nearly_the_same(
    make_model: MakeModel, builder: BatchBuilder, notes: list[EncodedNote]
) -> None:
    model = make_model(HeadConfig())
    exact = model(builder.build(notes))
    model.encoder.config = replace(model.encoder.config, dtype="bfloat16")
    rough = model(builder.build(notes))
    assert rough.dtype is torch.float32
    assert torch.allclose(rough, exact, atol=0.1)
    assert not torch.equal(rough, exact)


def test_a_model_learns_which_word_stands_for_which_label(
    make_model: MakeModel, builder: BatchBuilder, tokenizer: NoteTokenizer
) -> None:
    words = ["fever", "pneumonia", "fracture", "diabetes", "pain"]
    batch = builder.build(tokenizer.encode_many([f"No {w} in the chest." for w in words]))
    model = make_model(HeadConfig(dropout=0.0))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(batch), torch.eye(5))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert np.array_equal(model(batch).detach().numpy() > 0, np.eye(5, dtype=bool))
