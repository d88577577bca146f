"""The kinds of model that a run may train; each writes a bundle that `Suggester.load` opens."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cac.errors import SettingsError
from training.command import Report
from training.config import RunConfig
from training.prepared import Prepared
from training.processes import n_processes
from training.report.curves import Curve

_ON_SEVERAL = ("document",)


class Figures(Protocol):
    """Where a training writes its figures, epoch by epoch."""

    def figures(self, values: Mapping[str, float], step: int | None = ...) -> None:
        """Write figures; ``step`` is an epoch."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a kind needs to train: the run, its notes, where the bundle goes, whom to tell.

    ``inputs`` is a checksum of all that decides the result; ``curve`` keeps a learning curve.
    """

    config: RunConfig
    prepared: Prepared
    output: Path
    inputs: str
    run: Figures
    curve: Callable[[Curve], None]
    report: Report


def fit(job: Job) -> None:
    """Train the kind of model that the run names; only its own libraries are imported.

    Raises:
        SettingsError: several processes were started for a kind that one trains.
    """
    kind = job.config.model.kind
    if n_processes() > 1 and kind not in _ON_SEVERAL:
        raise SettingsError(
            f"{n_processes()} processes for a model of kind {kind!r}, which one process trains."
            f" Start it without a launcher. Several train: {', '.join(_ON_SEVERAL)}."
        )
    importlib.import_module(f"training.kinds.{job.config.model.kind}").fit(job)
