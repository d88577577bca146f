"""The training loop of the document classifier: one loop to read, on one device or several.

Where it stops it goes on: after an interruption the same weights come out (`checkpoint`). Several
processes share the one order of batches, and gradients are their mean: what two of them learn is
what one learns that accumulates twice as many batches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import (
    DistributedDataParallelKwargs,
    broadcast_object_list,
    gather_object,
)
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from cac.errors import SettingsError
from training.checkpoint import Checkpoint, Progress, own_state
from training.model_config import FitConfig
from training.sampling import Floats, epoch_batches

_LAYER = re.compile(r"\blayers?\.(\d+)\.")
Measure = Callable[[], Mapping[str, float]]
"""Gives the figures on dev notes."""
OnEpoch = Callable[[int, Mapping[str, float]], None]


class Objective(Protocol):
    """Makes batches of notes and their loss."""

    @property
    def lengths(self) -> list[int]:
        """Tokens by note."""

    def loss(self, model: nn.Module, positions: Sequence[int], bare: Any) -> Tensor:
        """Return the loss of some notes; ``bare`` is the model without what distributes it."""


@dataclass(frozen=True, slots=True)
class Fit:
    """All that a training needs beside the model.

    ``before_epoch`` prepares the model (label encodings), ``measure`` gives dev figures, and
    ``on_epoch`` is told the number and figures of each epoch. ``kept`` is what ``before_epoch``
    makes outside the model, by name: a checkpoint keeps it too.
    """

    config: FitConfig
    objective: Objective
    shares: Floats | None
    seed: int
    cpu: bool
    before_epoch: Callable[[], None]
    measure: Measure
    on_epoch: OnEpoch
    kept: Mapping[str, Any] = field(default_factory=dict)


def fit(model: nn.Module, plan: Fit, checkpoint: Checkpoint) -> Progress:
    """Train the model in place, to the weights of its best epoch; return what happened.

    Raises:
        SettingsError: there are more processes than batches.
    """
    config, accelerator = plan.config, _accelerator(plan)
    optimiser = AdamW(parameter_groups(model, config), weight_decay=config.weight_decay)
    n_batches = len(_own_batches(plan, 0, accelerator))
    n_steps = config.epochs * _n_steps(n_batches, config.accumulate)
    schedule = LambdaLR(optimiser, _rate(n_steps, config.warmup))
    parts: dict[str, Any] = {"model": model, "optimiser": optimiser, "schedule": schedule}
    parts |= plan.kept
    model.to(accelerator.device)
    progress = checkpoint.load(parts, accelerator.process_index)
    wrapped, optimiser = accelerator.prepare(model, optimiser)
    while progress.epoch < config.epochs and not _is_over(progress, config):
        started = perf_counter()
        if progress.batch == 0:
            plan.before_epoch()
        model.train()
        for batch, is_step in _remaining(plan, progress, accelerator):
            loss = plan.objective.loss(wrapped, batch, model)
            accelerator.backward(loss / config.accumulate)
            progress.batch += 1
            progress.loss_sum += float(loss.detach())
            if is_step:
                accelerator.clip_grad_norm_(model.parameters(), config.clip_norm)
                optimiser.step()
                schedule.step()
                optimiser.zero_grad()
                progress.n_steps += 1
                if progress.n_steps % config.checkpoint_steps == 0:
                    _save(checkpoint, progress, parts, accelerator)
        _end_epoch(model, plan, progress, perf_counter() - started)
        if accelerator.is_main_process and progress.best_epoch == progress.epoch - 1:
            checkpoint.keep_best(model)
        _save(checkpoint, progress, parts, accelerator)
        accelerator.wait_for_everyone()
    checkpoint.restore_best(model)
    model.eval()
    accelerator.end_training()
    return progress


def _accelerator(plan: Fit) -> Accelerator:
    """Return what joins the processes; each draws its own dropout."""
    # Two forward passes make one step of R-drop: buffers must not change between them.
    apart = DistributedDataParallelKwargs(broadcast_buffers=False)
    accelerator = Accelerator(cpu=plan.cpu, kwargs_handlers=[apart])
    if accelerator.process_index:
        seed_everything(plan.seed + accelerator.process_index)
    return accelerator


def _save(
    checkpoint: Checkpoint, progress: Progress, parts: dict[str, Any], accelerator: Accelerator
) -> None:
    """Write the state of all processes; every process must call it."""
    own = gather_object([own_state(progress)])
    if accelerator.is_main_process:
        checkpoint.save(progress, parts, own)


def parameter_groups(model: nn.Module, config: FitConfig) -> list[dict[str, Any]]:
    """Return groups of parameters with their learning rates: each layer lower than the one above.

    Biases and the weights of layer norms are not decayed.
    """
    named = list(model.named_parameters())
    depths = [int(found.group(1)) for name, _ in named if (found := _LAYER.search(name))]
    n_layers = max(depths, default=-1) + 1
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in named:
        rate = config.head_learning_rate
        if name.startswith("encoder."):
            found = _LAYER.search(name)
            depth = int(found.group(1)) if found else -1
            rate = config.learning_rate * config.layer_decay ** (n_layers - 1 - depth)
        groups.setdefault((rate, parameter.ndim > 1), []).append(parameter)
    return [
        {"params": found, "lr": rate} | ({} if decays else {"weight_decay": 0.0})
        for (rate, decays), found in groups.items()
    ]


def _own_batches(plan: Fit, epoch: int, accelerator: Accelerator) -> list[list[int]]:
    """Return the batches of this process in an epoch."""
    every = epoch_batches(
        plan.objective.lengths,
        plan.shares,
        batch_notes=plan.config.batch_notes,
        seed=plan.seed,
        epoch=epoch,
    )
    n = accelerator.num_processes
    if len(every) < n:
        raise SettingsError(
            f"{len(every)} batches an epoch for {n} processes. Take fewer processes, or a smaller "
            "model.fit.batch_notes."
        )
    # All processes must take the same number of steps: what does not divide is left out.
    return every[accelerator.process_index :: n][: len(every) // n]


def _remaining(
    plan: Fit, progress: Progress, accelerator: Accelerator
) -> Iterator[tuple[list[int], bool]]:
    """Yield this process's batches that are not done, and whether a step follows each."""
    own = _own_batches(plan, progress.epoch, accelerator)
    for number in range(progress.batch, len(own)):
        is_last = number + 1 == len(own)
        yield own[number], is_last or (number + 1) % plan.config.accumulate == 0


def _end_epoch(model: nn.Module, plan: Fit, progress: Progress, seconds: float) -> None:
    model.eval()
    figures = _agreed(
        {
            "loss": progress.loss_sum / max(progress.batch, 1),
            **{f"dev_{name}": value for name, value in plan.measure().items()},
        }
    )
    plan.on_epoch(progress.epoch, {**figures, "seconds": seconds})
    # Seconds are left out of the history, which is the same after an interruption.
    progress.history.append({"epoch": float(progress.epoch), **figures})
    best_by = plan.config.best_by
    value = float(progress.epoch) if best_by == "last" else figures[f"dev_{best_by}"]
    if value > progress.best:
        progress.best, progress.best_epoch = value, progress.epoch
    progress.epoch += 1
    progress.batch, progress.loss_sum = 0, 0.0


def _agreed(figures: dict[str, float]) -> dict[str, float]:
    """Return the mean loss of all processes, and the first one's other figures.

    All decide by them which epoch is the best and when to stop, so they must be the same.
    """
    losses = gather_object([figures["loss"]])
    shared = [figures | {"loss": sum(losses) / len(losses)}]
    broadcast_object_list(shared)
    return shared[0]


def _is_over(progress: Progress, config: FitConfig) -> bool:
    return progress.epoch - 1 - progress.best_epoch >= config.patience and progress.epoch > 0


def _n_steps(n_batches: int, accumulate: int) -> int:
    return -(-n_batches // accumulate)


def _rate(n_steps: int, warmup: float) -> Callable[[int], float]:
    n_warm = max(round(n_steps * warmup), 1)

    def rate(step: int) -> float:
        if step < n_warm:
            return (step + 1) / n_warm
        return max(0.0, (n_steps - step) / max(n_steps - n_warm, 1))

    return rate


def seed_everything(seed: int) -> None:
    """Fix what torch draws: weights that are new, and dropout."""
    torch.manual_seed(seed)
