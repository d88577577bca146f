"""What each process of `test_processes` runs: trainings that end, or fall after some steps.

``python -m torch.distributed.run --nproc-per-node N in_processes.py TRAININGS``
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from accelerate import Accelerator
from safetensors.torch import save_file
from torch.optim import AdamW

from training import kinds
from training.checkpoint import Checkpoint
from training.config import parse_config
from training.prepared import Prepared


class PowerCutError(Exception):
    """Stands for a power cut."""


class Silent:
    """Writes no figures."""

    def figures(self, values: Any, step: int | None = None) -> None:
        """Write nothing."""


def train(config: dict[str, Any], data: Path, output: Path, stop_after: int = 0) -> None:
    """Train; keep the weights that this process had after its last step."""
    restore, rank = Checkpoint.restore_best, os.environ.get("RANK", "0")

    def kept(self: Checkpoint, model: torch.nn.Module) -> None:
        tensors = {k: v.contiguous().clone() for k, v in model.state_dict().items()}
        save_file(tensors, output.with_name(f"{output.name}.{rank}.safetensors"))
        restore(self, model)

    def keep_curve(curve: Any) -> None:
        output.with_name(f"{output.name}.csv").write_text(curve.csv())

    read = parse_config(config, "processes")
    job = kinds.Job(
        read, Prepared.read(data), output, "inputs", Silent(), keep_curve, lambda _: None
    )
    step = falling(stop_after) if stop_after else AdamW.step
    with (
        mock.patch.object(Checkpoint, "restore_best", kept),
        mock.patch.object(AdamW, "step", step),
    ):
        kinds.fit(job)


def falling(n_steps: int) -> Any:
    """Return a step of the optimiser that can be taken so many times."""
    taken, step = [0], AdamW.step

    def counted(self: Any, *arguments: Any, **options: Any) -> Any:
        if taken[0] == n_steps:
            raise PowerCutError
        taken[0] += 1
        return step(self, *arguments, **options)

    return counted


def main(trainings: list[dict[str, Any]]) -> None:
    """Run one training after the other; the processes stay joined, since to join costs seconds."""
    torch.set_num_threads(1)
    with mock.patch.object(Accelerator, "end_training"):
        for t in trainings:
            with suppress(PowerCutError):
                train(t["config"], Path(t["data"]), Path(t["output"]), t["stop_after"])
            torch.manual_seed(999)
    Accelerator(cpu=True).end_training()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
