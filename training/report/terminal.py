"""An evaluation in the terminal: every figure with its interval, then the tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from training.report.drift import Drift
from training.report.evaluation import Evaluation


def show_evaluation(evaluation: Evaluation, console: Console) -> None:
    """Print an evaluation."""
    subject = evaluation.subject
    console.print(f"{subject.run}: {subject.model_version} on {subject.n_notes} notes")
    for system, figures in evaluation.figures.items():
        rows = [(f.group, f.name, _number(f.value), _interval(f.low, f.high)) for f in figures]
        _print(console, system, ("group", "figure", "value", "95 % interval"), rows)
    for title, columns, cells in _tables(evaluation):
        _print(console, title, columns, cells)


def show_drift(drift: Drift, console: Console) -> None:
    """Print a comparison of two corpora."""
    rows = [(name, _number(value)) for name, value in drift.figures.items()]
    _print(console, f"{drift.n_first} notes against {drift.n_second}", ("of", "distance"), rows)
    shifts = [
        (r.kind, r.name, _number(r.first), _number(r.second), f"{r.change:+.4f}")
        for r in drift.shifts
    ]
    _print(console, "largest shifts", ("kind", "name", "first", "second", "change"), shifts)


def _tables(evaluation: Evaluation) -> Iterator[tuple[str, Sequence[str], list[Sequence[str]]]]:
    yield (
        "by section of the evidence",
        ("section", "suggested", "precision", "gold spans", "recall"),
        [
            (
                r.section,
                str(r.n_suggested),
                _number(r.precision),
                str(r.n_gold_spans),
                _number(r.recall),
            )
            for r in evaluation.sections
        ],
    )
    for title, rows in (
        ("by type of note", evaluation.note_types),
        ("by sex, where the text states it", evaluation.sexes),
    ):
        yield (
            title,
            ("group", "notes", "precision", "recall", "F1"),
            [
                (r.group, str(r.n_notes), _number(r.precision), _number(r.recall), _number(r.f1))
                for r in rows
            ],
        )
    yield (
        f"labels by support ({evaluation.noise.n_labels})",
        ("support", "share"),
        [(name, _number(value)) for name, value in evaluation.noise.figures().items()],
    )
    if evaluation.against:
        yield (
            "against the other",
            ("figure", "this", "other", "difference", "p"),
            [
                (
                    r.name,
                    _number(r.first),
                    _number(r.second),
                    f"{r.difference:+.4f}",
                    _number(r.p_value),
                )
                for r in evaluation.against
            ],
        )


def _print(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _number(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.4f}"


def _interval(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{low:.4f} to {high:.4f}"
