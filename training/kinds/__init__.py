"""The kinds of model that a run may train; each writes a bundle that `Suggester.load` opens."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from training.command import Report
from training.config import RunConfig
from training.prepared import Prepared
from training.report.curves import Curve


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
    """Train the kind of model that the run names; only its own libraries are imported."""
    importlib.import_module(f"training.kinds.{job.config.model.kind}").fit(job)
