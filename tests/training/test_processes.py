"""Two processes train as one that accumulates twice as much; the first alone writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from cac.errors import SettingsError
from training import kinds
from training.config import RunConfig, parse_config
from training.prepare import prepare
from training.prepared import Prepared
from training.train import main

from .in_processes import train

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("in_processes.py")


@pytest.fixture(scope="module")
def home(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few prepared notes, and the tiny encoder without dropout."""
    home = tmp_path_factory.mktemp("processes")
    prepare(config, home / "data", limit=32, report=lambda _: None)
    (home / "encoder").mkdir()
    for file in (ROOT / "training" / "tiny" / "encoder").iterdir():
        (home / "encoder" / file.name).write_bytes(file.read_bytes())
    settings = json.loads((home / "encoder" / "config.json").read_text())
    settings |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (home / "encoder" / "config.json").write_text(json.dumps(settings))
    return home


def drawn(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the tiny run with dropout, R-drop and evidence, in two epochs."""
    found = deepcopy(raw)
    found["model"]["encoder"]["name"] = str(ROOT / found["model"]["encoder"]["name"])
    found["model"]["fit"].update(epochs=2, checkpoint_steps=2)
    found["model"]["loss"]["r_drop"] = 0.3
    return found


def undrawn(raw: dict[str, Any], home: Path, accumulate: int) -> dict[str, Any]:
    """Return it without dropout, which each process draws for itself."""
    found = drawn(raw)
    found["model"]["encoder"]["name"] = str(home / "encoder")
    found["model"]["head"]["dropout"] = 0.0
    found["model"]["fit"]["accumulate"] = accumulate
    return found


@pytest.fixture(scope="module")
def trained(raw: dict[str, Any], home: Path) -> Path:
    """The folder in which two processes trained: whole, broken and gone on, and without dropout."""
    trainings = [
        (drawn(raw), "whole", 0),
        (drawn(raw), "broken", 3),
        (drawn(raw), "broken", 0),
        (undrawn(raw, home, 1), "quiet", 0),
    ]
    listed = [
        {"config": c, "data": str(home / "data"), "output": str(home / name), "stop_after": stop}
        for c, name, stop in trainings
    ]
    (home / "trainings.json").write_text(json.dumps(listed))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += [str(DRIVER), str(home / "trainings.json")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert not done.returncode, done.stderr[-3000:]
    return home


def weights(home: Path, name: str, process: int) -> dict[str, torch.Tensor]:
    return load_file(home / f"{name}.{process}.safetensors")


def test_both_end_with_the_same_weights_after_a_fall_as_well(trained: Path) -> None:
    first = weights(trained, "whole", 0)
    for other in (
        weights(trained, "whole", 1),
        weights(trained, "broken", 0),
        weights(trained, "broken", 1),
    ):
        assert first.keys() == other.keys()
        assert all(torch.equal(tensor, other[name]) for name, tensor in first.items())


def test_one_writes_and_the_other_does_not(trained: Path) -> None:
    bundles = [trained / name / "manifest.json" for name in ("whole", "broken")]
    assert bundles[0].read_bytes() == bundles[1].read_bytes()
    curves = [(trained / f"{name}.csv").read_text() for name in ("whole", "broken")]
    assert curves[0] == curves[1]
    assert not list(trained.glob("*.checkpoint"))


def test_two_learn_what_one_learns_that_accumulates(raw: dict[str, Any], trained: Path) -> None:
    train(undrawn(raw, trained, 2), trained / "data", trained / "alone")
    two, one = weights(trained, "quiet", 0), weights(trained, "alone", 0)
    for name, tensor in two.items():
        assert torch.allclose(tensor, one[name], atol=2e-4), name


def test_what_one_process_does_is_refused_in_several(
    raw: dict[str, Any],
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    settings = deepcopy(raw)
    settings["model"] = {"kind": "learned"}
    config = parse_config(settings, "tiny")
    nobody: Any = None
    with pytest.raises(SettingsError, match="2 processes for a model of kind 'learned'"):
        kinds.fit(kinds.Job(config, prepared, tmp_path / "b", "", nobody, nobody, nobody))
    assert main([str(ROOT / "configs" / "tiny.yaml"), "--data", str(tmp_path / "data")]) == 2
    assert "is not prepared" in capsys.readouterr().err
