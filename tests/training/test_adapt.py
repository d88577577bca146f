"""An encoder that learns the language of notes by masked words, and goes on after a fall."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file
from torch.optim import AdamW

from cac.classify.config import EncoderConfig
from cac.classify.encoder import WindowEncoder
from cac.corpus import Licence, Weights, licence_of
from cac.errors import BundleError, SettingsError
from training.adapt import adapt, main
from training.adaptation import AdaptationConfig, read_adaptation
from training.config import parse_config
from training.licences import licence_of_encoder, licence_of_run, write_licence

from .in_processes import PowerCutError

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs/adaptation/tiny.yaml"

# As `run_stage` does: what libraries warn of is theirs.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module", autouse=True)
def _tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        store = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{store}")
        yield


@pytest.fixture
def config(tmp_path: Path) -> AdaptationConfig:
    return read_adaptation(settings(tmp_path))


def settings(folder: Path, **changed: Any) -> Path:
    data = yaml.safe_load(TINY.read_text("utf-8"))
    data["encoder"]["name"] = str(ROOT / data["encoder"]["name"])
    data["corpus"]["name"] = str(ROOT / data["corpus"]["name"])
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(data | changed), encoding="utf-8")
    return path


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def test_what_is_masked_is_guessed_better_and_the_encoder_is_one_to_load(
    config: AdaptationConfig, tmp_path: Path
) -> None:
    said: list[str] = []
    adapt(config, tmp_path / "encoder", report=said.append)
    losses = [float(line.rsplit(" ", 1)[1]) for line in said if "loss held out" in line]
    assert len(losses) == config.epochs
    assert losses[-1] < losses[0]
    assert licence_of_encoder(tmp_path / "encoder") == licence_of(config.corpus.name)
    encoder = WindowEncoder.load(
        tmp_path / "encoder", EncoderConfig("encoder", max_length=48, stride=8)
    )
    assert encoder.width == 32
    assert {p.name for p in tmp_path.iterdir()} == {"tiny.yaml", "encoder"}


def test_an_interrupted_adaptation_ends_with_the_same_weights(
    config: AdaptationConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapt(config, tmp_path / "whole", report=lambda _: None)
    step, n = AdamW.step, iter(range(100))

    def falling(self: AdamW, *args: Any, **kwargs: Any) -> Any:
        if next(n) == 12:
            raise PowerCutError
        return step(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(AdamW, "step", falling)
        with pytest.raises(PowerCutError):
            adapt(config, tmp_path / "broken", report=lambda _: None)
    adapt(config, tmp_path / "broken", report=lambda _: None)
    whole, broken = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert whole.keys() == broken.keys()
    assert all(torch.allclose(whole[name], broken[name], atol=1e-6) for name in whole)


def test_a_wrong_key_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(settings(tmp_path, mask_shares=0.2))]) == 2
    assert "mask_shares" in capsys.readouterr().err


def test_an_encoder_without_a_mask_token_is_refused(
    config: AdaptationConfig, tmp_path: Path
) -> None:
    source = Path(config.encoder.name)
    shutil.copytree(source, tmp_path / "maskless")
    text = (source / "tokenizer.json").read_text("utf-8").replace("[MASK]", "[NONE]")
    (tmp_path / "maskless" / "tokenizer.json").write_text(text, encoding="utf-8")
    name = config.encoder.model_copy(update={"name": str(tmp_path / "maskless")})
    without = config.model_copy(update={"encoder": name})
    with pytest.raises(SettingsError, match="no mask token"):
        adapt(without, tmp_path / "out", report=lambda _: None)


def test_what_a_restricted_corpus_taught_stays_restricted_in_what_is_trained_from_it(
    tmp_path: Path, raw: dict[str, Any]
) -> None:
    shutil.copytree(ROOT / "training/tiny/encoder", tmp_path / "adapted")
    shareable = Licence("Apache-2.0", Weights.SHAREABLE)
    raw = copy.deepcopy(raw)
    raw["model"]["encoder"]["name"] = str(tmp_path / "adapted")
    config = parse_config(raw, "tiny")
    assert licence_of_run(config, shareable) == shareable
    write_licence(tmp_path / "adapted", Licence("PhysioNet", Weights.RESTRICTED))
    found = licence_of_run(config, shareable)
    assert found.weights is Weights.RESTRICTED
    assert "PhysioNet" in found.name
    (tmp_path / "adapted" / "licence.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BundleError, match="Adapt the encoder again"):
        licence_of_run(config, shareable)
