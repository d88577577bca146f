"""Stage 4: a bundle that passes its gates becomes a version under the alias ``candidate``.

``python -m training.register configs/NAME.yaml``; a person then moves ``production`` to it:
``python -m training.register configs/NAME.yaml --promote``
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cac.corpus import Weights, licence_of
from cac.errors import BundleError, SettingsError
from training.bundles import RunNote, digest_of_bundle, is_restricted, read_manifest
from training.card import model_card
from training.command import Report, run_stage, stage_parser
from training.config import RunConfig, read_config
from training.evaluate import METRICS, ROLE, SUMMARY
from training.gates import Gate, Standing, figure_gates, production_gates
from training.leaks import BUNDLE_RUN, find_in_texts, find_leaks, readable_files
from training.licences import licence_of_run
from training.prepared import ROLES, Prepared
from training.tracking import open_run, production_standing, promote, register_candidate, run_texts

CARD, OUTCOME = "MODEL_CARD.md", "registration.json"


@dataclass(frozen=True, slots=True)
class Submission:
    """A bundle with all that speaks for it."""

    config: RunConfig
    bundle: Path
    evaluation: Path
    prepared: Prepared
    metrics: Path
    output: Path
    new_notes: bool = False

    def summary(self) -> dict[str, Any]:
        """Return the evaluation's JSON.

        Raises:
            BundleError: there is none.
        """
        return _read_json(self.evaluation / SUMMARY)

    def figures(self) -> dict[str, float]:
        """Return the figures by key."""
        return dict(_flat(_read_json(self.metrics)))


def register(submission: Submission, *, report: Report) -> int:
    """Make a version of the bundle; return its number.

    Raises:
        SettingsError: a gate is not passed; each such gate is named.
        BundleError: the bundle has not been evaluated, or its run is not known.
    """
    note = RunNote.of(submission.bundle)
    if note is None or not note.finished:
        raise BundleError(f"{submission.bundle} has no finished run. Train it with training.train.")
    report("checking gates")
    gates = all_gates(submission, note)
    submission.output.mkdir(parents=True, exist_ok=True)
    outcome: dict[str, Any] = {"gates": [asdict(gate) for gate in gates], "version": None}
    _write(submission.output / OUTCOME, outcome)
    failed = [str(gate) for gate in gates if not gate.passed]
    if failed:
        raise SettingsError(f"Not registered. Gates not passed: {'; '.join(failed)}.")
    manifest = read_manifest(submission.bundle)
    card = model_card(
        submission.summary(), submission.prepared, manifest, [str(gate) for gate in gates]
    )
    (submission.output / CARD).write_text(card, encoding="utf-8")
    tracking = submission.config.tracking
    with open_run(tracking.experiment, run_id=note.run_id) as run:
        run.file(submission.output / CARD)
    restricted = str(is_restricted(submission.bundle)).lower()
    tags = {"licence": submission.prepared.licence.name, "restricted": restricted}
    version = register_candidate(tracking.registered_model, note.model_uri, tags, card)
    _write(submission.output / OUTCOME, {**outcome, "version": version})
    return version


def all_gates(submission: Submission, note: RunNote) -> list[Gate]:
    """Return every gate with its outcome."""
    config, figures = submission.config, submission.figures()
    standing = production_standing(config.tracking.registered_model, ROLE)
    digest = submission.prepared.splits[ROLE].digest
    known = Standing(standing[0], digest.startswith(standing[1])) if standing else None
    return [
        _measured_gate(submission),
        _licence_gate(submission),
        *figure_gates(config.gates, figures),
        *production_gates(config.gates, figures, None if submission.new_notes else known),
        _leak_gate(submission, note),
    ]


def _measured_gate(submission: Submission) -> Gate:
    """Hold that the figures are those of this bundle, on these notes."""
    subject = submission.summary()["subject"]
    wanted = [
        digest_of_bundle(submission.bundle),
        submission.prepared.splits[ROLE].digest,
    ]
    same = [subject["bundle_digest"], subject["split_digest"]] == wanted
    found = "figures of this bundle and corpus" if same else "figures of another bundle or corpus"
    return Gate("measured", same, found, "figures of this bundle and corpus")


def _licence_gate(submission: Submission) -> Gate:
    """Hold that the bundle is marked as the licences, read again, demand."""
    corpus = licence_of(submission.config.corpus.name)
    weights = licence_of_run(submission.config, corpus).weights
    restricted = is_restricted(submission.bundle)
    passed = weights is not Weights.EVALUATION_ONLY and restricted is (
        weights is not Weights.SHAREABLE
    )
    marked = "restricted" if restricted else "shareable"
    return Gate("licence", passed, f"a bundle marked {marked}", f"{weights.value} weights")


def _leak_gate(submission: Submission, note: RunNote) -> Gate:
    """Hold that no note's words stand in the reports, the MLflow run or the bundle."""
    notes = [coded for role in ROLES for coded in submission.prepared.notes(role)]
    reports = find_leaks(readable_files(submission.evaluation), notes)
    tracked = find_in_texts(run_texts(note.run_id), notes)
    bundled = find_leaks(readable_files(submission.bundle), notes, run=BUNDLE_RUN)
    found = [f"{Path(leak.file).name} ({leak.note_id})" for leak in (*reports, *tracked, *bundled)]
    return Gate("no note text", not found, ", ".join(found[:3]) or "none", "none in any file")


def _flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    pairs: list[tuple[str, float]] = []
    for name, value in tree.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{name}/")
        else:
            pairs.append((f"{prefix}{name}", float(value)))
    return pairs


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        raise BundleError(
            f"{path} cannot be read. Run `python -m training.evaluate CONFIG` first."
        ) from None


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Register the bundle of a run, or move production to the candidate."""
    parser = stage_parser("register", __doc__)
    parser.add_argument("--bundle", type=Path, help="none: out/runs/NAME/bundle")
    parser.add_argument("--data", type=Path, help="the prepared corpus; none: out/runs/NAME/data")
    parser.add_argument("--evaluation", type=Path, help="none: out/runs/NAME/evaluation")
    parser.add_argument("--metrics", type=Path, help="none: metrics.json of the evaluation")
    parser.add_argument("--output", type=Path, help="none: out/runs/NAME/registered")
    parser.add_argument(
        "--new-notes", action="store_true", help="do not compare with production on other notes"
    )
    parser.add_argument("--promote", action="store_true", help="move production to the candidate")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        config = read_config(args.config)
        name = config.tracking.registered_model
        if args.promote:
            report(f"{name} version {promote(name)} is in production")
            return
        evaluation = args.evaluation or config.folder / "evaluation"
        submission = Submission(
            config,
            args.bundle or config.folder / "bundle",
            evaluation,
            Prepared.read(args.data or config.folder / "data"),
            args.metrics or evaluation / METRICS,
            args.output or config.folder / "registered",
            args.new_notes,
        )
        version = register(submission, report=report)
        report(f"{name} version {version} is the candidate")

    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())
