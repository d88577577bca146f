"""Every metric of the field, by code system and for all together, with bootstrap intervals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import sparse

from cac.coding import CodedNote, CodeSystem
from cac.metrics import Figure, Pairing, evaluate, pair
from training.config import EvaluationConfig
from training.report.answers import Answers

ALL = "all"


@dataclass(frozen=True, slots=True)
class Paired:
    """Gold and answers of some code systems, and what is suggested as a matrix."""

    name: str
    pairing: Pairing
    predicted: sparse.csr_matrix


def pairings(
    gold: Sequence[CodedNote], answers: Answers, systems: Sequence[CodeSystem]
) -> list[Paired]:
    """Pair all systems together first, then each where there are several."""
    groups: list[tuple[str, tuple[CodeSystem, ...]]] = [(ALL, tuple(systems))]
    if len(systems) > 1:
        groups += [(system.value, (system,)) for system in systems]
    paired = []
    for name, chosen in groups:
        pairing = pair(gold, answers.results, systems=chosen)
        paired.append(Paired(name, pairing, answers.matrix(pairing)))
    return paired


def figures_of(
    paired: Paired, training: Sequence[CodedNote], config: EvaluationConfig, seed: int
) -> list[Figure]:
    """Return all figures of a pairing; ``training`` makes the frequency buckets."""
    return evaluate(
        paired.pairing,
        predicted=paired.predicted,
        n_samples=config.bootstrap,
        seed=seed,
        sequenced=config.sequenced,
        training=training,
    )


def key_of(figure: Figure) -> str:
    """Name a figure for gates, MLflow and DVC: ``codes/micro_f1``."""
    return f"{_slug(figure.group)}/{_slug(figure.name)}"


def _slug(name: str) -> str:
    readable = name.replace(">", "over_").lower()
    return re.sub(r"[^a-z0-9_-]+", "_", readable).strip("_")
