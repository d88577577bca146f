"""What was measured, as a table in ``benchmarks/RESULTS.md`` with the commit and the versions."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NotRequired, TypedDict

RESULTS = Path(__file__).with_name("RESULTS.md")
_PACKAGES = ("cac", "medspacy", "spacy", "numpy", "scikit-learn", "simple-icd-10-cm")


class Row(TypedDict):
    """One figure; ``low`` and ``high`` bound its 95 % bootstrap interval, None where none is."""

    what: str
    figure: float
    low: float | None
    high: float | None
    n: int
    target: str
    note: NotRequired[str]


def report(rows_by_subject: Mapping[str, Sequence[Row]], missing: Mapping[str, str]) -> str:
    """Return the page: a table a subject, then what could not be measured, and why."""
    parts = [
        "# Results",
        "Written by `make benchmark`, on development data only. `n` counts what a figure is over; "
        "the interval is a 95 % bootstrap over documents, sentences or probes.",
        _circumstances(),
    ]
    for subject, rows in rows_by_subject.items():
        parts.append(f"## {subject}\n\n{_table(rows)}")
    if missing:
        lines = "\n".join(f"- {subject}: {reason}" for subject, reason in missing.items())
        parts.append(f"## Not measured\n\n{lines}")
    return "\n\n".join(parts) + "\n"


def _table(rows: Iterable[Row]) -> str:
    lines = ["| what | figure | interval | n | target | met |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row['what']} | {row['figure']:.3f} | {_interval(row)} | {row['n']:,} "
        f"| {row['target']} | {met(row)} |"
        for row in rows
    ]
    return "\n".join(lines)


def _interval(row: Row) -> str:
    low, high = row["low"], row["high"]
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def met(row: Row) -> str:
    """Say ``yes`` or ``no`` for a target such as ``>= 0.95`` or ``<= 0.02``; nothing without one.

    Raises:
        ValueError: The target has another form, so nobody could say whether it is met.
    """
    target = str(row["target"])
    if not target:
        return ""
    direction, _, bound = target.partition(" ")
    if direction not in (">=", "<="):
        raise ValueError(f"Target {target!r} of {row['what']!r}. Allowed: '>= x' or '<= x'.")
    reached = row["figure"] >= float(bound) if direction == ">=" else row["figure"] <= float(bound)
    return "yes" if reached else "no"


def _circumstances() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return f"Commit {commit()}; {machine}; {packages}."


def commit() -> str:
    """Return the commit that is measured, and whether files differ from it."""
    folder = Path(__file__).parent

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    # The results themselves may differ: they are what is being written.
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "..", ":!RESULTS.md")
    name = git("rev-parse", "--short=12", "HEAD") or "unknown"
    return f"{name} with uncommitted changes" if changed else name
