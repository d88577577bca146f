"""Training goes on after an interruption to the same weights; what decides it is tested apart."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.optim import AdamW

from cac.classify.tokens import EncodedNote
from cac.codes.label_space import LabelSpace
from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.errors import BundleError, CorpusError
from cac.note import Note, Span
from cac.suggester import Suggester
from training import kinds
from training.checkpoint import Checkpoint, Progress, own_state
from training.config import RunConfig, parse_config
from training.fit import parameter_groups
from training.objective import targets_of
from training.prepared import Prepared
from training.report.curves import Curve
from training.sampling import epoch_batches, rarity

from .in_processes import PowerCutError, falling

ROOT = Path(__file__).parents[2]
E119, I10 = Code(CodeSystem.ICD10CM, "E11.9"), Code(CodeSystem.ICD10CM, "I10")


class Figures:
    """Keeps what a training writes by epoch, and may stop it."""

    def __init__(self) -> None:
        self.epochs: list[tuple[int | None, dict[str, float]]] = []

    def figures(self, values: Any, step: int | None = None) -> None:
        self.epochs.append((step, dict(values)))


@pytest.fixture
def short(raw: dict[str, Any]) -> RunConfig:
    """The tiny run in two epochs, with a checkpoint every third step."""
    data = deepcopy(raw)
    data["model"]["encoder"]["name"] = str(ROOT / data["model"]["encoder"]["name"])
    data["model"]["fit"].update(epochs=2, checkpoint_steps=3, accumulate=2, rare_exponent=0.5)
    data["model"]["loss"]["r_drop"] = 0.3
    return parse_config(data, "short")


@pytest.fixture
def small(prepared: Prepared, config: RunConfig, tmp_path: Path) -> Prepared:
    from training.prepare import prepare

    return prepare(config, tmp_path / "small", limit=40, report=lambda _: None)


def job(
    config: RunConfig, prepared: Prepared, output: Path, run: Figures | None = None
) -> kinds.Job:
    def keep(curve: Curve) -> None:
        output.with_name(f"{output.name}.csv").write_text(curve.csv())

    return kinds.Job(config, prepared, output, "inputs", run or Figures(), keep, lambda _: None)


def stop_after(n_steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fall in the middle of an epoch: after so many steps."""
    monkeypatch.setattr(AdamW, "step", falling(n_steps))


@pytest.mark.parametrize("n_steps", [2, 4, 7])
def test_an_interrupted_training_goes_on_to_the_same_weights(
    short: RunConfig,
    small: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_steps: int,
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    kinds.fit(job(short, small, whole))
    with monkeypatch.context() as patch:
        stop_after(n_steps, patch)
        with pytest.raises(PowerCutError):
            kinds.fit(job(short, small, broken))
    assert not (broken / "manifest.json").exists()
    torch.manual_seed(999)
    kinds.fit(job(short, small, broken))
    one, two = (load_file(folder / "weights.safetensors") for folder in (whole, broken))
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, two[name]), name
    assert (tmp_path / "whole.csv").read_text() == (tmp_path / "broken.csv").read_text()
    assert (whole / "manifest.json").read_bytes() == (broken / "manifest.json").read_bytes()
    assert not list(tmp_path.glob("*.checkpoint"))


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    model = torch.nn.Linear(2, 2)
    progress = Progress(epoch=3)
    Checkpoint(tmp_path / "c", "one").save(progress, {"model": model}, [own_state(progress)])
    assert Checkpoint(tmp_path / "c", "one").load({"model": model}, 0).epoch == 3
    with pytest.raises(BundleError, match="of another configuration or corpus"):
        Checkpoint(tmp_path / "c", "two").load({"model": model}, 0)
    assert [p.name for p in (tmp_path / "c").iterdir()] == ["state.pt"]


def test_no_dev_notes_no_thresholds(short: RunConfig, prepared: Prepared, tmp_path: Path) -> None:
    from training.kinds.classifiers import labels_of

    with pytest.raises(CorpusError, match="No dev notes"):
        labels_of(job(short, prepared, tmp_path / "b"), prepared.notes("train"), [])


def test_labels_come_from_training_notes_alone(
    short: RunConfig, prepared: Prepared, tmp_path: Path
) -> None:
    from training.kinds.classifiers import labels_of

    unseen = CodedNote(Note("x", "y"), (Code(CodeSystem.ICD10CM, "Z99.9"),))
    labels = labels_of(job(short, prepared, tmp_path / "b"), prepared.notes("train"), [unseen])
    assert unseen.codes[0] not in labels


def test_every_note_is_read_once_an_epoch_in_another_order() -> None:
    lengths = list(range(5, 105))
    epochs = [
        epoch_batches(lengths, None, batch_notes=8, seed=1, epoch=epoch) for epoch in range(2)
    ]
    for batches in epochs:
        assert sorted(i for batch in batches for i in batch) == list(range(100))
    assert epochs[0] != epochs[1]
    assert epochs[0] == epoch_batches(lengths, None, batch_notes=8, seed=1, epoch=0)


def test_notes_of_rare_labels_are_drawn_more_often() -> None:
    labels = [(0,)] * 98 + [(0, 1), ()]
    shares = rarity(labels, 1.0)
    assert shares[98] == pytest.approx(99 * shares[0])
    assert shares[99] == pytest.approx(shares[0])
    np.testing.assert_allclose(rarity(labels, 0.0), 0.01)
    drawn = [
        i
        for batch in epoch_batches([5] * 100, shares, batch_notes=4, seed=0, epoch=0)
        for i in batch
    ]
    assert len(drawn) == 100
    assert 25 < drawn.count(98) < 75


def test_targets_are_the_tokens_that_evidence_touches() -> None:
    coded = CodedNote(
        Note("n", "mild diabetes, HTN"),
        (E119, I10),
        (CodeEvidence(E119, (Span(5, 13),)), CodeEvidence(I10, (Span(15, 18),))),
    )
    offsets = np.array([[0, 4], [5, 9], [9, 13], [13, 14], [15, 18]])
    found = targets_of(coded, EncodedNote(np.arange(5), offsets), LabelSpace((E119,)))
    assert (found.columns, found.annotated) == ((0,), (0,))
    assert found.evidence.tolist() == [[0, 1, 1, 0, 0]]
    unannotated = CodedNote(coded.note, (I10,))
    bare = targets_of(unannotated, EncodedNote(np.arange(5), offsets), LabelSpace((E119,)))
    assert bare.columns == ()
    assert bare.evidence.shape == (0, 5)


def test_lower_layers_learn_more_slowly(short: RunConfig) -> None:
    from cac.classify.neural import NeuralScorer
    from training.model_config import DocumentConfig

    assert isinstance(short.model, DocumentConfig)
    config = short.model
    model = NeuralScorer.new(config.encoder, config.head, 3).model
    groups = parameter_groups(model, config.fit)
    n_all = sum(p.numel() for group in groups for p in group["params"])
    assert n_all == sum(p.numel() for p in model.parameters())
    top = config.fit.learning_rate
    rates = {round(group["lr"] / top, 6) for group in groups}
    head = round(config.fit.head_learning_rate / top, 6)
    assert rates == {1.0, 0.9, 0.81, head}
    assert all(
        ("weight_decay" in group) is (p.ndim <= 1) for group in groups for p in group["params"]
    )


@pytest.mark.parametrize("kind", ["linear"])
def test_the_baseline_is_trained_and_served_alike(
    raw: dict[str, Any], prepared: Prepared, tmp_path: Path, kind: str
) -> None:
    data = deepcopy(raw)
    data["model"] = {
        "kind": kind,
        "settings": {
            "strength": 10.0, "min_notes": 2, "max_features": 1000, "max_weights": 100, "seed": 0,
        },
    }  # fmt: skip
    kinds.fit(job(parse_config(data, "x"), prepared, tmp_path / "b"))
    suggester = Suggester.load(tmp_path / "b")
    gold = prepared.notes("test")
    right = sum(
        len({s.code for s in suggester.suggest(c.note).suggestions} & set(c.codes)) for c in gold
    )
    assert right / sum(len(c.codes) for c in gold) > 0.8
    assert json.loads((tmp_path / "b" / "manifest.json").read_text())["restricted"] is False
