"""The state of a training in one file, written by rename: after a fall the last one counts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from cac.errors import BundleError

_STATE, _BEST = "state.pt", "best.pt"


@dataclass(slots=True)
class Progress:
    """How far a training is: ``epoch`` epochs and ``batch`` batches of the next one are done."""

    epoch: int = 0
    batch: int = 0
    n_steps: int = 0
    loss_sum: float = 0.0
    best: float = -1.0
    best_epoch: int = -1
    history: list[dict[str, float]] = field(default_factory=list)


class Checkpoint:
    """Keeps and restores model, optimiser, schedule, random state and progress.

    Files are read with ``weights_only``: they hold tensors and plain data, and can run nothing.
    """

    def __init__(self, folder: Path, inputs: str) -> None:
        self._folder = folder
        self._inputs = inputs

    def save(
        self, progress: Progress, parts: dict[str, Any], own: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write the state; ``parts`` have ``state_dict``, ``own`` is what each process adds."""
        state = {name: part.state_dict() for name, part in parts.items()}
        plain = {"inputs": self._inputs, "progress": asdict(progress), "own": list(own)}
        self._write(_STATE, plain | {"parts": state})

    def load(self, parts: dict[str, Any], process: int) -> Progress:
        """Restore the parts; return where to go on, the beginning where nothing is kept.

        Raises:
            BundleError: the checkpoint is of another configuration or corpus.
        """
        path = self._folder / _STATE
        if not path.exists():
            return Progress()
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["inputs"] != self._inputs:
            raise BundleError(
                f"{self._folder} holds a checkpoint of another configuration or corpus, or of "
                "another number of processes. "
                "Delete it, or name another --output."
            )
        for name, part in parts.items():
            part.load_state_dict(state["parts"][name])
        own = state["own"][process]
        torch.set_rng_state(own["cpu"])
        if torch.cuda.is_available() and own["cuda"] is not None:
            torch.cuda.set_rng_state(own["cuda"])
        return Progress(**state["progress"] | {"loss_sum": own["loss_sum"]})

    def keep_best(self, model: torch.nn.Module) -> None:
        """Keep the weights of the best epoch so far."""
        self._write(_BEST, model.state_dict())

    def restore_best(self, model: torch.nn.Module) -> None:
        """Put the weights of the best epoch back."""
        path = self._folder / _BEST
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))

    def remove(self) -> None:
        """Delete the folder: the bundle is written."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, name: str, data: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._folder / f"{name}.tmp"
        torch.save(data, temporary)
        temporary.replace(self._folder / name)


def own_state(progress: Progress) -> dict[str, Any]:
    """Return what differs from process to process: random state, and the loss of its batches."""
    cuda = torch.cuda.get_rng_state() if torch.cuda.is_available() else None
    return {"cpu": torch.get_rng_state(), "cuda": cuda, "loss_sum": progress.loss_sum}
