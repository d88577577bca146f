"""Attribution against finite differences, and against a note that fits in one window."""

from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch

from cac.classify.attribution import Method, attribute, input_gradient
from cac.classify.batch import BatchBuilder
from cac.classify.config import HeadConfig
from cac.classify.model import DocumentClassifier
from cac.classify.neural import NeuralScorer
from cac.classify.tokens import NoteTokenizer
from cac.errors import SettingsError

TEXT = "Fever and cough. No pneumonia, acute kidney disease: chest pain in history of diabetes."


@pytest.mark.parametrize("kind", ["label_cross_attention", "label_attention", "max_pool"])
def test_gradients_are_those_of_finite_differences_also_across_windows(
    kind: str,
    make_model: Callable[..., DocumentClassifier],
    builder: BatchBuilder,
    tokenizer: NoteTokenizer,
) -> None:
    model = make_model(HeadConfig(kind=kind, attention_width=8)).double()  # type: ignore[arg-type]
    batch = builder.build([tokenizer.encode(TEXT)])
    assert sum(len(p.input_ids) for p in batch.passes) > 1
    found = input_gradient(model, batch, [3, 0])
    table = model.encoder.transformer.get_input_embeddings()
    # "kidney" is one token of the text, so that moving its row of the table moves one embedding.
    position = (
        tokenizer.encode(TEXT).input_ids.tolist().index(tokenizer.encode("kidney").input_ids[0])
    )
    row = table.weight.data[tokenizer.encode("kidney").input_ids[0]]
    before, step = row.clone(), 1e-6
    gradient = torch.zeros(len(row), 2, dtype=torch.float64)
    with torch.no_grad():
        for i in range(len(row)):
            row[i] = before[i] + step
            higher = model(batch)[0].double()
            row[i] = before[i] - step
            gradient[i] = (higher - model(batch)[0].double())[[3, 0]] / (2 * step)
            row[i] = before[i]
    wanted = (gradient * before[:, None]).norm(dim=0)
    assert found[:, position].double() == pytest.approx(wanted, rel=0.2, abs=1e-3)


KINDS: list[Any] = ["label_cross_attention", "label_attention", "laat", "max_pool"]


@pytest.mark.parametrize("kind", KINDS)
def test_in_one_stretch_attingrad_is_attention_times_the_whole_gradient(
    kind: Any,
    make_model: Callable[..., DocumentClassifier],
    builder: BatchBuilder,
    tokenizer: NoteTokenizer,
) -> None:
    model = make_model(HeadConfig(kind=kind, attention_width=8))
    for text in ("Fever", "Fever and cough.", "No fever and cough. No pneumonia."):
        batch = builder.build([tokenizer.encode(text)])
        assert batch.lengths[0] <= 10  # What one window holds.
        parts = {m: attribute(model, batch, [1, 4], m) for m in get_args(Method)}
        slow = parts["attention"] * parts["input_gradient"]
        torch.testing.assert_close(parts["attingrad"], slow, rtol=1e-4, atol=1e-7)
        assert torch.allclose(parts["attention"].sum(1), torch.ones(2))


@pytest.mark.parametrize("kind", KINDS)
def test_in_long_notes_it_is_so_where_the_label_looks_and_nothing_elsewhere(
    kind: Any,
    make_model: Callable[..., DocumentClassifier],
    builder: BatchBuilder,
    tokenizer: NoteTokenizer,
) -> None:
    model = make_model(HeadConfig(kind=kind, attention_width=8))
    # Without context and positions a word is read alike in a window and in a stretch.
    for name, parameter in model.encoder.named_parameters():
        if "attention.output.dense" in name or "position_embeddings" in name:
            torch.nn.init.zeros_(parameter)
    batch = builder.build([tokenizer.encode(TEXT * 5)])
    labels = list(range(5))
    fast = attribute(model, batch, labels, "attingrad")
    slow = attribute(model, batch, labels, "attention") * input_gradient(model, batch, labels)
    read = fast > 0
    torch.testing.assert_close(fast[read], slow[read], rtol=1e-3, atol=1e-7)
    n_read = read.sum(dim=1)
    assert n_read.max() <= 2 * 10 < batch.lengths[0]
    assert n_read.min() > 0


def test_states_that_are_known_are_not_computed_again(
    make_model: Callable[..., DocumentClassifier],
    tokenizer: NoteTokenizer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scorer = NeuralScorer(make_model(HeadConfig()), tokenizer)
    plain = scorer.word_weights(TEXT, [1, 4])[1]
    read = []
    states = scorer.model.states
    monkeypatch.setattr(scorer.model, "states", lambda b: (read.append(1), states(b))[1])
    scorer.scores([TEXT])
    assert scorer.word_weights(TEXT, [1, 4])[1] == pytest.approx(plain)
    assert len(read) == 1
    scorer.word_weights("Fever.", [1])
    assert len(read) == 2


def test_states_of_other_weights_are_not_used(
    make_model: Callable[..., DocumentClassifier], tokenizer: NoteTokenizer
) -> None:
    scorer, fresh = (NeuralScorer(make_model(HeadConfig()), tokenizer) for _ in range(2))
    scorer.scores([TEXT])
    for model in (scorer.model, fresh.model):
        with torch.no_grad():
            model.encoder.transformer.get_input_embeddings().weight.mul_(1.5)
    known, wanted = (s.word_weights(TEXT, [1, 4])[1] for s in (scorer, fresh))
    assert known == pytest.approx(wanted)


def test_what_cannot_be_attributed_is_refused_or_empty(
    make_model: Callable[..., DocumentClassifier], builder: BatchBuilder, tokenizer: NoteTokenizer
) -> None:
    model = make_model(HeadConfig())
    one, empty = tokenizer.encode("fever"), tokenizer.encode("")
    assert attribute(model, builder.build([one]), []).shape == (0, 1)
    assert attribute(model, builder.build([empty]), [2]).shape == (1, 0)
    with pytest.raises(SettingsError, match="Known: attention"):
        attribute(model, builder.build([one]), [1], "lime")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="2 notes"):
        attribute(model, builder.build([one, one]), [1])
