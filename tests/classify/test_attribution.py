"""Attribution against finite differences, and against a note that fits in one window."""

from collections.abc import Callable

import pytest
import torch

from cac.classify.attribution import attribute, input_gradient
from cac.classify.batch import BatchBuilder
from cac.classify.config import HeadConfig
from cac.classify.model import DocumentClassifier
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
    found = input_gradient(model, batch, [3, 0], share=1.0, max_windows=None)
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


def test_the_windows_left_out_hold_little_of_the_gradient(
    make_model: Callable[..., DocumentClassifier], builder: BatchBuilder, tokenizer: NoteTokenizer
) -> None:
    model = make_model(HeadConfig())
    batch = builder.build([tokenizer.encode(TEXT * 5)])
    labels = list(range(5))
    exact = input_gradient(model, batch, labels, share=1.0, max_windows=None)
    shares = (0.9, 0.5, 0.1)
    rough = [input_gradient(model, batch, labels, share=s, max_windows=None) for s in shares]
    errors = [float((r - exact).norm() / exact.norm()) for r in rough]
    assert 0 <= errors[0] < errors[1] < errors[2] < 1
    assert errors[0] < 0.3
    one = input_gradient(model, batch, labels, max_windows=1)
    n_weighed = (one > 0).sum(dim=1)
    assert n_weighed.max() <= 10  # What one window holds.
    assert n_weighed.min() > 0


def test_attingrad_is_attention_times_gradient(
    make_model: Callable[..., DocumentClassifier], builder: BatchBuilder, tokenizer: NoteTokenizer
) -> None:
    model = make_model(HeadConfig())
    batch = builder.build([tokenizer.encode(TEXT)])
    parts = {
        m: attribute(model, batch, [1, 4], m) for m in ("attention", "input_gradient", "attingrad")
    }  # type: ignore[arg-type]
    assert torch.allclose(parts["attingrad"], parts["attention"] * parts["input_gradient"])
    assert torch.allclose(parts["attention"].sum(1), torch.ones(2))
    assert all((p >= 0).all() and p.shape == (2, batch.lengths[0]) for p in parts.values())


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
