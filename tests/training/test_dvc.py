"""dvc.yaml names what is there: configurations, their keys, modules, dependencies."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
RUNS: list[str] = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))["runs"]


def test_every_run_has_its_configuration() -> None:
    assert RUNS
    for run in RUNS:
        assert (ROOT / "configs" / f"{run}.yaml").is_file()


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_names_keys_modules_and_dependencies_that_are_there(name: str) -> None:
    stage = STAGES[name]["do"]
    words = stage["cmd"].split()
    module = importlib.import_module(words[words.index("-m") + 1])
    assert module.main
    for run in RUNS:
        config = yaml.safe_load((ROOT / "configs" / f"{run}.yaml").read_text("utf-8"))
        for file in stage["params"]:
            for path, keys in file.items():
                assert path == "configs/${item}.yaml"
                assert set(keys) <= config.keys()
    for dependency in stage["deps"]:
        if "${item}" not in dependency:
            assert (ROOT / dependency).exists(), dependency


def names(outs: list[Any]) -> list[str]:
    return [next(iter(out)) if isinstance(out, dict) else out for out in outs]


def test_what_a_stage_reads_of_a_run_an_earlier_one_writes() -> None:
    written: set[str] = set()
    for stage in STAGES.values():
        for dependency in stage["do"]["deps"]:
            if "${item}" in dependency:
                assert dependency in written
        for kind in ("outs", "metrics", "plots"):
            written |= set(names(stage["do"].get(kind, [])))


def test_every_key_of_a_run_decides_some_stage() -> None:
    config = yaml.safe_load((ROOT / "configs" / "tiny.yaml").read_text("utf-8"))
    watched = {
        key
        for stage in STAGES.values()
        for file in stage["do"]["params"]
        for keys in file.values()
        for key in keys
    }
    assert watched == config.keys()
