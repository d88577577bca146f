"""An evaluation as a whole: figures, tables and curves of a bundle on a split."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cac.metrics import CodeRow, Difference, Figure
from training.report.curves import Curve
from training.report.figures import ALL, key_of
from training.report.noise import Noise
from training.report.tables import ErrorRow, GroupRow, SectionRow

SCHEMA = "cac.evaluation/1"


@dataclass(frozen=True, slots=True)
class Subject:
    """What was measured on what."""

    run: str
    bundle_digest: str
    model_version: str
    corpus: str
    split: str
    split_digest: str
    language: str
    n_notes: int
    seed: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures by code system (``all`` first), tables over all systems, and curves."""

    subject: Subject
    figures: Mapping[str, Sequence[Figure]]
    sections: Sequence[SectionRow]
    note_types: Sequence[GroupRow]
    sexes: Sequence[GroupRow]
    codes: Sequence[CodeRow]
    errors: Sequence[ErrorRow]
    noise: Noise
    curves: Sequence[Curve]
    against: Sequence[Difference] = ()

    def flat(self) -> dict[str, float]:
        """Return each defined figure by its key; those of one system behind its name."""
        values = {
            key_of(f) if system == ALL else f"{system}/{key_of(f)}": f.value
            for system, figures in self.figures.items()
            for f in figures
        }
        values |= {f"label_noise/{name}": value for name, value in self.noise.figures().items()}
        return {key: value for key, value in values.items() if math.isfinite(value)}

    def nested(self) -> dict[str, Any]:
        """Return the figures as DVC shows them: a mapping for each part of the key."""
        tree: dict[str, Any] = {}
        for key, value in self.flat().items():
            *path, name = key.split("/")
            branch = tree
            for part in path:
                branch = branch.setdefault(part, {})
            branch[name] = round(value, 5)
        return tree

    def to_json(self) -> dict[str, Any]:
        """Return all but the tables of codes and errors, which have files of their own."""
        data = {
            "schema": SCHEMA,
            "subject": asdict(self.subject),
            "figures": {s: [asdict(f) for f in found] for s, found in self.figures.items()},
            "sections": [asdict(row) for row in self.sections],
            "note_types": [asdict(row) for row in self.note_types],
            "sexes": [asdict(row) for row in self.sexes],
            "label_noise": asdict(self.noise),
            "against": [asdict(row) for row in self.against],
        }
        finite: dict[str, Any] = finite_json(data)
        return finite


def finite_json(value: Any) -> Any:
    """Return plain data with None where a number is not defined: NaN is no JSON."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite_json(item) for item in value]
    return value
