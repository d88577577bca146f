"""Search a run's settings with Optuna: one MLflow run, a nested one for each trial.

``python -m training.sweep configs/NAME.yaml configs/sweeps/SPACE.yaml [--output FOLDER]``
Figures are those of dev; the test notes are never looked at. Trials are kept in a SQLite file: the
same command goes on where it was. The best settings are written as a whole YAML.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, Literal

import optuna
import yaml
from pydantic import Field, ValidationError

from cac.errors import SettingsError
from training.bundles import read_manifest
from training.command import Report, run_stage, stage_parser
from training.config import RunConfig, parse_config, read_config
from training.prepare import prepare
from training.prepared import SUMMARY, Prepared
from training.section import Section
from training.tracking import Run, open_run
from training.train import Trial, train

Scalar = str | float | int | bool


class Span(Section):
    """A range of numbers; ``log`` draws by order of magnitude, whole bounds give whole numbers."""

    low: int | float
    high: int | float
    log: bool = False


class Choice(Section):
    """Some values."""

    choices: tuple[Scalar, ...] = Field(min_length=2)


class Space(Section):
    """What is varied, by the dotted keys of the run, and how often; figures are those of dev."""

    trials: int = Field(ge=1)
    objective: Literal["map", "micro_f1"]
    space: dict[str, Span | Choice] = Field(min_length=1)


def read_space(path: Path) -> Space:
    """Read a search space.

    Raises:
        SettingsError: the file cannot be read, or a key is wrong.
    """
    try:
        return Space.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError):
        raise SettingsError(f"{path} cannot be read as YAML. Compare configs/sweeps/.") from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors()
        )
        raise SettingsError(f"{path}: {faults}.") from None


def sweep(
    config: RunConfig, space: Space, prepared: Prepared, output: Path, *, report: Report
) -> dict[str, Any]:
    """Try settings until the wished number of trials is reached; return the best, by dotted key.

    Raises:
        SettingsError: a key of the space is none of the run's, or a value is not allowed there.
    """
    output.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    raw = config.model_dump(mode="json")
    for name in space.space:
        changed(raw, {name: None})
    study = optuna.create_study(
        study_name=config.name,
        storage=f"sqlite:///{(output / 'study.db').resolve()}",
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=config.seed),
        pruner=optuna.pruners.MedianPruner(),
    )
    with open_run(config.tracking.experiment, name=f"{config.name}-sweep") as run:
        run.parameters({f"space.{name}": str(found) for name, found in space.space.items()})
        objective = partial(_objective, raw, space, prepared, output, run, report)
        n_done = sum(trial.state.is_finished() for trial in study.trials)
        study.optimize(objective, n_trials=max(space.trials - n_done, 0))
        run.figures({f"best/dev_{space.objective}": study.best_value})
        run.tags({f"best.{name}": str(value) for name, value in study.best_params.items()})
    return dict(study.best_params)


def changed(raw: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's values with some replaced, by dotted key.

    Raises:
        SettingsError: a key is none of the run's.
    """
    data: dict[str, Any] = deepcopy(dict(raw))
    for dotted, value in values.items():
        *path, name = dotted.split(".")
        branch = data
        for part in path:
            branch = branch.get(part, {}) if isinstance(branch, dict) else {}
        if not isinstance(branch, dict) or name not in branch:
            raise SettingsError(f"The space names {dotted!r}, which the run does not have.")
        branch[name] = value
    return data


def _objective(
    raw: Mapping[str, Any],
    space: Space,
    prepared: Prepared,
    output: Path,
    run: Run,
    report: Report,
    trial: optuna.Trial,
) -> float:
    """Train once; a trial that lags behind the median of the others is given up."""
    values = {name: _drawn(trial, name, found) for name, found in space.space.items()}
    config = parse_config(changed(raw, values), f"trial {trial.number}")
    report(f"trial {trial.number}: {', '.join(f'{k} {v}' for k, v in values.items())}")
    folder = output / f"trial-{trial.number}"

    def watch(figures: Mapping[str, float], step: int | None) -> None:
        name = f"epoch/dev_{space.objective}"
        if step is not None and name in figures:
            trial.report(figures[name], step)
            if trial.should_prune():
                raise optuna.TrialPruned

    try:
        train(config, prepared, folder / "bundle", report=report, trial=Trial(run.run_id, watch))
        return float(read_manifest(folder / "bundle")["measured"][f"dev_{space.objective}"])
    except KeyError:
        raise SettingsError(
            f"A model of the kind {config.model.kind!r} has no dev figures to search by."
        ) from None
    finally:
        # What is kept of a trial are its settings and figures; the weights would fill the disk.
        shutil.rmtree(folder, ignore_errors=True)


def _drawn(trial: optuna.Trial, name: str, found: Span | Choice) -> Scalar:
    if isinstance(found, Choice):
        chosen = trial.suggest_categorical(name, found.choices)
        return chosen if chosen is not None else found.choices[0]
    if isinstance(found.low, int) and isinstance(found.high, int):
        return int(trial.suggest_int(name, found.low, found.high, log=found.log))
    return float(trial.suggest_float(name, found.low, found.high, log=found.log))


def main(argv: Sequence[str] | None = None) -> int:
    """Search, and write the best settings as a run's YAML."""
    parser = stage_parser("sweep", __doc__)
    parser.add_argument("space", type=Path, metavar="SPACE", help="configs/sweeps/SPACE.yaml")
    parser.add_argument("--data", type=Path, help="the prepared corpus; none: out/runs/NAME/data")
    parser.add_argument("--output", type=Path, help="none: out/sweeps/NAME")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        config, space = read_config(args.config), read_space(args.space)
        data = args.data or config.folder / "data"
        there = (data / SUMMARY).exists()
        prepared = Prepared.read(data) if there else prepare(config, data, report=report)
        output = args.output or Path("out") / "sweeps" / config.name
        best = sweep(config, space, prepared, output, report=report)
        path = output / "best.yaml"
        whole = changed(config.model_dump(mode="json"), best)
        path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
        report(f"best: {', '.join(f'{k} {v}' for k, v in best.items())}; written to {path}")

    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())
