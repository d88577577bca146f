"""Stage 3: measure the saved bundle through the door that serves it.

``python -m training.evaluate configs/NAME.yaml [--bundle BUNDLE] [--against ANSWERS]``
Figures go to the terminal, JSON, MLflow and one HTML page; none of them holds a note's text.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from cac.coding import Code, CodedNote
from cac.metrics import Difference, Figure, code_table, differences, pair
from cac.metrics.figures import Bootstrap
from cac.note import Note
from cac.suggester import Suggester
from training.bundles import RunNote, digest_of_bundle, read_manifest
from training.command import Report, run_stage, stage_parser
from training.config import RunConfig, read_config
from training.prepared import Prepared
from training.report.answers import Answers, CodeSuggester, ask, read_back, write_answers
from training.report.bands import band_figures
from training.report.curves import by_frequency, precision_recall, reliability
from training.report.evaluation import Evaluation, Subject, finite_json
from training.report.faithfulness import faithfulness_figures
from training.report.figures import ALL, Paired, figures_of, pairings
from training.report.noise import Noise, Support, label_noise, support_of
from training.report.page import evaluation_page
from training.report.plots import draw
from training.report.tables import (
    ErrorRow,
    error_table,
    evidence_share,
    note_type_table,
    section_table,
    sex_table,
)
from training.report.terminal import show_evaluation
from training.tracking import open_run

ROLE = "test"
ANSWERS, PAGE, SUMMARY = "answers.jsonl", "page.html", "evaluation.json"
CODES, ERRORS, METRICS = "codes.csv", "errors.csv", "metrics.json"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the evaluation finds and leaves its files."""

    bundle: Path
    data: Path
    output: Path
    metrics: Path
    against: Path | None = None

    @classmethod
    def of(cls, config: RunConfig) -> Places:
        """Return the places of a run, below ``out/runs/NAME``."""
        output = config.folder / "evaluation"
        return cls(config.folder / "bundle", config.folder / "data", output, output / METRICS)


def evaluate_bundle(config: RunConfig, places: Places, report: Report) -> Evaluation:
    """Ask the bundle for the test notes, measure the answers, and write every file.

    Raises:
        BundleError: the bundle is damaged, or made for another reader.
        CorpusError: the corpus is not prepared.
    """
    prepared = Prepared.read(places.data)
    gold = prepared.notes(ROLE)
    suggester = load_bundle(places.bundle)
    places.output.mkdir(parents=True, exist_ok=True)
    path = places.output / ANSWERS
    notes, floor = [coded.note for coded in gold], config.evaluation.min_probability
    report(f"asking the bundle for {len(notes)} notes")
    write_answers(path, ask(suggester, notes, min_probability=floor, report=report))
    answers = read_back(path)
    learned = _schema(places.bundle).startswith("cac.learned")
    support = _ranked(answers) if learned else support_of(Suggester.load())
    found = _measure(config, prepared, answers, suggester, support, places, report)
    _write(found, places)
    return found


def load_bundle(folder: Path) -> CodeSuggester:
    """Return the suggester of a bundle; one for any convention is asked for its corpus's own."""
    any_convention = _schema(folder).startswith("cac.context")
    convention = str(read_manifest(folder)["convention"]) if any_convention else None
    return Suggester.load(folder, convention=convention)


def _schema(folder: Path) -> str:
    return str(read_manifest(folder).get("schema", ""))


def _measure(
    config: RunConfig,
    prepared: Prepared,
    answers: Answers,
    suggester: CodeSuggester,
    support: Support,
    places: Places,
    report: Report,
) -> Evaluation:
    report("measuring")
    gold, against = prepared.notes(ROLE), places.against
    groups = pairings(gold, answers, config.labels.code_systems)
    training = prepared.notes("train")
    figures = {g.name: figures_of(g, training, config.evaluation, config.seed) for g in groups}
    every = groups[0]
    figures[ALL] += [Figure("evidence", "share_with_evidence", evidence_share(every))]
    bootstrap = Bootstrap(len(gold), config.evaluation.bootstrap, config.seed)
    figures[ALL] += band_figures(every.pairing.gold, answers, bootstrap)
    figures[ALL] += faithfulness_figures(
        suggester,
        every,
        n_codes=config.evaluation.faithfulness_codes,
        seed=config.seed,
        report=report,
    )
    curves = [precision_recall(every), reliability(every), by_frequency(figures[ALL])]
    return Evaluation(
        subject=_subject(config, prepared, answers, digest_of_bundle(places.bundle)),
        figures=figures,
        sections=section_table(every),
        note_types=note_type_table(every),
        sexes=sex_table(every),
        codes=code_table(every.pairing, predicted=every.predicted),
        errors=list(error_table(every)),
        noise=_noise(every, support, report),
        curves=[curve for curve in curves if curve.rows],
        against=_compared(config, gold, answers, against) if against else (),
    )


def _noise(every: Paired, support: Support, report: Report) -> Noise:
    report("looking for labels that the text does not support")
    return label_noise(every.pairing.gold, support)


def _subject(
    config: RunConfig, prepared: Prepared, answers: Answers, bundle_digest: str
) -> Subject:
    split = prepared.splits[ROLE]
    return Subject(
        run=config.name,
        bundle_digest=bundle_digest,
        model_version=answers.results[0].model_version,
        corpus=prepared.corpus,
        split=prepared.names[ROLE],
        split_digest=split.digest,
        language=prepared.language,
        n_notes=split.n_notes,
        seed=config.seed,
    )


def _compared(
    config: RunConfig, gold: Sequence[CodedNote], answers: Answers, against: Path
) -> Sequence[Difference]:
    other = read_back(against)
    codes = {s.code for a in (*answers.results, *other.results) for s in a.suggestions}
    both = [
        pair(gold, found.results, systems=config.labels.code_systems, label_space=codes)
        for found in (answers, other)
    ]
    predicted = answers.matrix(both[0]), other.matrix(both[1])
    return differences(both[0], both[1], predicted, seed=config.seed)


def _ranked(answers: Answers) -> Support:
    """Return the support that a learnt bundle gives: all that it ranks has words in the note."""
    by_id = {r.note_id: frozenset(s.code for s in r.suggestions) for r in answers.results}

    def support(note: Note) -> frozenset[Code]:
        return by_id[note.note_id]

    return support


def _write(evaluation: Evaluation, places: Places) -> None:
    folder = places.output
    _write_json(folder / SUMMARY, evaluation.to_json())
    _write_json(places.metrics, evaluation.nested())
    (folder / PAGE).write_text(evaluation_page(evaluation), encoding="utf-8")
    columns = ("system", "code", "n_gold", "n_predicted", "n_correct", "f1")
    rows = [[finite_json(getattr(row, name)) for name in columns] for row in evaluation.codes]
    _write_csv(folder / CODES, columns, rows)
    names = ("note_id", "system", "code", "kind", "rank", "probability", "spans")
    _write_csv(folder / ERRORS, names, [_error(row) for row in evaluation.errors])
    (folder / "plots").mkdir(exist_ok=True)
    for curve in evaluation.curves:
        (folder / "plots" / f"{curve.name}.csv").write_text(curve.csv(), encoding="utf-8")


def _error(row: ErrorRow) -> list[object]:
    spans = ";".join(f"{span.start}-{span.end}" for span in row.spans)
    chance = finite_json(row.probability)
    return [row.note_id, row.system, row.code, row.kind, row.rank, chance, spans]


def _write_csv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])


def _write_json(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def track(evaluation: Evaluation, config: RunConfig, places: Places) -> None:
    """Add an evaluation to the run that trained the bundle."""
    note = RunNote.of(places.bundle)
    run_id = note.run_id if note else None
    with open_run(config.tracking.experiment, run_id=run_id, name=config.name) as run:
        run.figures({f"{ROLE}/{key}": value for key, value in evaluation.flat().items()})
        for curve in evaluation.curves:
            run.plot(draw(curve), curve.name)
        for name in (PAGE, SUMMARY, CODES, ERRORS):
            run.file(places.output / name, "evaluation")


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate the bundle of a run."""
    parser = stage_parser("evaluate", __doc__)
    parser.add_argument("--bundle", type=Path, help="none: out/runs/NAME/bundle")
    parser.add_argument("--data", type=Path, help="the prepared corpus; none: out/runs/NAME/data")
    parser.add_argument("--output", type=Path, help="none: out/runs/NAME/evaluation")
    parser.add_argument("--metrics", type=Path, help="none: metrics.json in the output")
    parser.add_argument("--against", type=Path, help="answers.jsonl of another evaluation")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        config = read_config(args.config)
        usual = Places.of(config)
        output = args.output or usual.output
        places = Places(
            args.bundle or usual.bundle,
            args.data or usual.data,
            output,
            args.metrics or output / METRICS,
            args.against,
        )
        evaluation = evaluate_bundle(config, places, report)
        track(evaluation, config, places)
        show_evaluation(evaluation, Console())

    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())
