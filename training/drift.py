"""Compare the notes that a model was trained on with others, before trusting it there.

``python -m training.drift FIRST.jsonl SECOND.jsonl [--output FOLDER] [--experiment NAME]``
Either is a file of coded notes, as `prepare` and `cac corpus export` write them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from cac.corpus import read_coded_notes
from training.command import Report, run_stage
from training.report.drift import drift
from training.report.evaluation import finite_json
from training.report.page import drift_page
from training.report.terminal import show_drift
from training.tracking import open_run

PAGE, SUMMARY = "drift.html", "drift.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the comparison as JSON and HTML, and into MLflow where an experiment is named."""
    parser = argparse.ArgumentParser(prog="python -m training.drift", description=__doc__)
    parser.add_argument("first", type=Path, metavar="FIRST")
    parser.add_argument("second", type=Path, metavar="SECOND")
    parser.add_argument("--output", type=Path, default=Path("out") / "drift")
    parser.add_argument("--experiment", help="keep the figures in this MLflow experiment")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        report("comparing")
        found = drift(list(read_coded_notes(args.first)), list(read_coded_notes(args.second)))
        args.output.mkdir(parents=True, exist_ok=True)
        (args.output / PAGE).write_text(drift_page(found), encoding="utf-8")
        summary = json.dumps(finite_json(asdict(found)), indent=1) + "\n"
        (args.output / SUMMARY).write_text(summary, encoding="utf-8")
        show_drift(found, Console())
        if args.experiment:
            with open_run(args.experiment, name="drift") as run:
                run.figures({f"drift/{name}": value for name, value in found.figures.items()})
                for name in (PAGE, SUMMARY):
                    run.file(args.output / name)

    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())
