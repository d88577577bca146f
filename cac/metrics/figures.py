"""A figure with its name and interval, and what makes one of a statistic."""

from __future__ import annotations

from dataclasses import dataclass

from cac.metrics.bootstrap import Statistic, bootstrap_interval, mean_statistic, ratio_statistic
from cac.metrics.counts import Counts
from cac.metrics.matrices import Floats

_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, with the bounds of its 95 % bootstrap interval where it has one (else NaN)."""

    group: str
    name: str
    value: float
    low: float = _NAN
    high: float = _NAN


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The settings of all intervals of an evaluation; ``n_samples`` 0 means no intervals."""

    n_notes: int
    n_samples: int = 1000
    seed: int = 0

    def figure(self, group: str, name: str, statistic: Statistic) -> Figure:
        """Return the figure of a statistic of the notes."""
        n_samples = max(self.n_samples, 1)
        found = bootstrap_interval(statistic, self.n_notes, n_samples=n_samples, seed=self.seed)
        if not self.n_samples:
            return Figure(group, name, found.value)
        return Figure(group, name, found.value, found.low, found.high)

    def mean(self, group: str, name: str, by_note: Floats) -> Figure:
        """Return the mean over notes; shape (n_notes,)."""
        return self.figure(group, name, mean_statistic(by_note))

    def micro(self, group: str, name: str, counts: Counts) -> list[Figure]:
        """Return precision, recall and F1 of counts by note, as ``<name>_precision`` and so on."""
        tp, fp, fn = counts.tp, counts.fp, counts.fn
        return [
            self.figure(group, f"{name}_precision", ratio_statistic(tp, tp + fp)),
            self.figure(group, f"{name}_recall", ratio_statistic(tp, tp + fn)),
            self.figure(group, f"{name}_f1", ratio_statistic(2 * tp, 2 * tp + fp + fn)),
        ]
