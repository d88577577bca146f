"""Stage 2: one MLflow run that ends in a bundle; an interrupted one goes on where it was.

``python -m training.train configs/NAME.yaml [--output BUNDLE] [--data FOLDER] [--limit N]``
Prepares the corpus first where that has not been done. On several devices, once it is prepared:
``torchrun --nproc-per-node N -m training.train configs/NAME.yaml``
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import cac
from cac.errors import SettingsError
from training import kinds
from training.bundles import RunNote, mark, read_manifest
from training.command import Report, run_stage, stage_parser
from training.config import RunConfig, read_config
from training.environment import environment
from training.licences import licence_of_run
from training.prepare import prepare
from training.prepared import ROLES, SUMMARY, Prepared
from training.processes import is_first, n_processes
from training.report.curves import Curve
from training.report.plots import draw
from training.tracking import Run, open_run


@dataclass(frozen=True, slots=True)
class Trial:
    """A training as part of a sweep: its parent run, and who is told its figures by epoch."""

    parent: str
    watch: Callable[[Mapping[str, float], int | None], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """Writes figures to a run, and tells them."""

    run: Run
    watch: Callable[[Mapping[str, float], int | None], None]

    def figures(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Write and tell."""
        self.run.figures(values, step)
        self.watch(values, step)


def train(
    config: RunConfig,
    prepared: Prepared,
    output: Path,
    *,
    report: Report,
    trial: Trial | None = None,
) -> RunNote:
    """Train the run's model into ``output``; return the note that names its MLflow run.

    A run of the same configuration and notes that did not come to its end is taken up again. That
    of a ``trial`` is nested below its sweep, and its bundle is not kept in MLflow.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    inputs = inputs_digest(config, prepared)
    earlier = RunNote.of(output)
    unfinished = earlier if earlier and earlier.goes_on(inputs) else None
    with open_run(
        config.tracking.experiment,
        name=config.name,
        run_id=unfinished.run_id if unfinished else None,
        parent=trial.parent if trial else None,
    ) as run:
        note = RunNote(run.run_id, inputs)
        note.write(output)
        _describe(run, config, prepared)
        curve = partial(_keep_curve, run, output)
        watched: kinds.Figures = Watched(run, trial.watch) if trial else run
        kinds.fit(kinds.Job(config, prepared, output, inputs, watched, curve, report))
        mark(output, licence_of_run(config, prepared.licence))
        run.tags(_code_sets(output))
        note = replace(note, finished=True)
        if trial is None:
            report("keeping the bundle in MLflow")
            note = replace(note, model_uri=run.model(output))
        note.write(output)
    return note


class _Silent:
    """Stands for the run in processes that do not write."""

    def figures(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Write nothing."""


def assist(config: RunConfig, prepared: Prepared, output: Path) -> None:
    """Train along with the first process, which writes; see `training.processes`."""
    inputs = inputs_digest(config, prepared)
    kinds.fit(
        kinds.Job(config, prepared, output, inputs, _Silent(), lambda _: None, lambda _: None)
    )


def inputs_digest(config: RunConfig, prepared: Prepared) -> str:
    """Return a checksum of all that decides what is trained."""
    notes = [prepared.splits[role].digest for role in ROLES[:2]]
    parts = [config.digest(), cac.__version__, n_processes(), *notes]
    return sha256(json.dumps(parts).encode()).hexdigest()


def _describe(run: Run, config: RunConfig, prepared: Prepared) -> None:
    run.parameters(config.flat())
    found = environment()
    run.tags(
        {
            "git_commit": found.commit,
            "git_dirty": str(found.dirty),
            "cac_version": cac.__version__,
            "licence": prepared.licence.name,
            "weights": prepared.licence.weights.value,
        }
    )
    for role in ROLES:
        run.dataset(prepared, role)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "environment.json"
        path.write_text(json.dumps(found.to_json(), indent=1), encoding="utf-8")
        run.file(path)


def _keep_curve(run: Run, bundle: Path, curve: Curve) -> None:
    """Keep a learning curve as a picture in MLflow, and as CSV beside the bundle for DVC."""
    run.plot(draw(curve), curve.name)
    bundle.with_name(f"{bundle.name}.{curve.name}.csv").write_text(curve.csv(), encoding="utf-8")


def _code_sets(bundle: Path) -> dict[str, str]:
    """Return the releases of the code sets that a bundle was made with."""
    manifest = read_manifest(bundle)
    found = manifest.get("code_sets") or manifest.get("sources") or {}
    return {f"code_set.{name}": str(release) for name, release in found.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Train the model of a run."""
    parser = stage_parser("train", __doc__)
    parser.add_argument("--output", type=Path, help="the bundle; none: out/runs/NAME/bundle")
    parser.add_argument("--data", type=Path, help="the prepared corpus; none: out/runs/NAME/data")
    parser.add_argument("--limit", type=int, help="only so many notes of each split")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        config = read_config(args.config)
        data = args.data or config.folder / "data"
        prepared = _prepared(config, data, args.limit, report)
        output = args.output or config.folder / "bundle"
        if not is_first():
            assist(config, prepared, output)
            return
        note = train(config, prepared, output, report=report)
        report(f"{output} written; MLflow run {note.run_id}")

    return run_stage(stage)


def _prepared(config: RunConfig, data: Path, limit: int | None, report: Report) -> Prepared:
    """Return the prepared corpus; prepare it where it is not there, or for another limit.

    Raises:
        SettingsError: it is not prepared, and several processes would each do it.
    """
    if (data / SUMMARY).exists():
        found = Prepared.read(data)
        if limit is None or found.limit == limit:
            return found
    if n_processes() > 1:
        raise SettingsError(
            f"{data} is not prepared, or for another --limit. Before training in several"
            " processes run `python -m training.prepare` with the same configuration and --limit."
        )
    return prepare(config, data, limit=limit, report=report)


if __name__ == "__main__":
    sys.exit(main())
