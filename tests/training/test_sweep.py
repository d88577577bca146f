"""A sweep is one run with nested trials; it goes on where it was, and names wrong keys."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from cac.errors import SettingsError
from training.config import parse_config, read_config
from training.prepare import prepare
from training.sweep import Space, changed, main, read_space

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(raw: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = deepcopy(raw)
    data["model"] = {
        "kind": "linear",
        "settings": {
            "strength": 1.0, "min_notes": 2, "max_features": 500, "max_weights": 50, "seed": 0,
        },
    }  # fmt: skip
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(data))
    space = {
        "trials": 3,
        "objective": "micro_f1",
        "space": {
            "model.settings.strength": {"low": 0.01, "high": 30.0, "log": True},
            "model.settings.max_weights": {"low": 1, "high": 100},
        },
    }
    (tmp_path / "space.yaml").write_text(yaml.safe_dump(space))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    prepare(parse_config(data, "x"), tmp_path / "data", report=lambda _: None)
    return tmp_path


def command(home: Path) -> list[str]:
    return [str(home / "run.yaml"), str(home / "space.yaml"), "--data", str(home / "data")]


def test_trials_are_nested_and_the_best_is_a_whole_configuration(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import mlflow

    assert main(command(home)) == 0
    best = read_config(home / "out" / "sweeps" / "tiny" / "best.yaml")
    client = mlflow.MlflowClient(f"sqlite:///{home}/out/mlflow/mlflow.db")
    [experiment] = client.search_experiments(filter_string="name = 'tiny'")
    runs = client.search_runs([experiment.experiment_id])
    [parent] = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    trials = [run for run in runs if run is not parent]
    assert len(trials) == 3
    assert {run.data.tags["mlflow.parentRunId"] for run in trials} == {parent.info.run_id}
    values = {run.data.params["model.settings.strength"] for run in trials}
    assert len(values) == 3
    assert best.flat()["model.settings.strength"] in values
    top = max(run.data.metrics["dev_micro_f1"] for run in trials)
    assert parent.data.metrics["best/dev_micro_f1"] == pytest.approx(top)
    assert not list((home / "out" / "sweeps" / "tiny").glob("trial-*"))
    capsys.readouterr()
    assert main(command(home)) == 0
    assert "trial" not in capsys.readouterr().err


def test_a_key_that_the_run_has_not_is_named(raw: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"'model\.fit\.learning_raet', which the run does not"):
        changed(raw, {"model.fit.learning_raet": 1})
    with pytest.raises(SettingsError, match="which the run does not have"):
        changed(raw, {"seed.deeper.still": 1})


@pytest.mark.parametrize("path", sorted((ROOT / "configs" / "sweeps").glob("*.yaml")))
def test_the_shipped_spaces_fit_a_document_run(path: Path, raw: dict[str, Any]) -> None:
    space = read_space(path)
    assert isinstance(space, Space)
    for name in space.space:
        changed(raw, {name: 1})


def test_a_wrong_space_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text("trials: 0\nobjective: map\nspace: {a: {low: 1, hihg: 2}}\n")
    with pytest.raises(SettingsError, match=r"trials: .*greater than or equal to 1"):
        read_space(path)
