"""What a model must pass to be registered; every gate says what it found and what it wants."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from training.config import GateConfig

EVIDENCE = "evidence/share_with_evidence"


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition and its outcome."""

    name: str
    passed: bool
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.name}: {self.found} found, {self.wanted} wanted"


@dataclass(frozen=True, slots=True)
class Standing:
    """The production model's figures, and whether they were measured on the same notes."""

    figures: Mapping[str, float]
    same_notes: bool


def figure_gates(config: GateConfig, figures: Mapping[str, float]) -> Iterator[Gate]:
    """Yield the gates on the model's own figures; a figure that is missing does not pass."""
    bounds = {**config.at_least, EVIDENCE: config.evidence}
    for name, least in bounds.items():
        value = figures.get(name, math.nan)
        yield Gate(name, value >= least, _number(value), f"at least {least:g}")
    for name, most in config.at_most.items():
        value = figures.get(name, math.nan)
        yield Gate(name, value <= most, _number(value), f"at most {most:g}")


def production_gates(
    config: GateConfig, figures: Mapping[str, float], standing: Standing | None
) -> Iterator[Gate]:
    """Yield the gates against the production model; none where nothing is in production."""
    if standing is None or not config.worse_than_production:
        return
    if not standing.same_notes:
        yield Gate(
            "production",
            False,
            "figures on other notes",
            "figures on the same test notes (--new-notes leaves the comparison out)",
        )
        return
    for name, slack in config.worse_than_production.items():
        least = standing.figures.get(name, -math.inf) - slack
        value = figures.get(name, math.nan)
        yield Gate(
            f"{name} against production", value >= least, _number(value), f"at least {least:.4f}"
        )


def _number(value: float) -> str:
    return "no figure" if math.isnan(value) else f"{value:.4f}"
