"""CodiEsp dev, codes and evidence, by bundles learnt from train alone.

Terms, scorers, calibration and thresholds come from train (by cross-validation); dev is only
measured on. ``python -m benchmarks.codiesp --misses`` prints what is missed most often, and why;
it names codes, never the words of a note.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks._codiesp_bundles import learned_bundle
from benchmarks._codiesp_misses import misses_table
from benchmarks.results import Row
from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus import data_folder, load_corpus
from cac.learn import LearnedModel, ScoredCode
from cac.metrics.bootstrap import bootstrap_interval, mean_statistic, ratio_statistic
from cac.metrics.calibration import expected_calibration_error
from cac.metrics.codiesp import codiesp_map, codiesp_x
from cac.metrics.evidence_report import explanations_of
from cac.metrics.evidence_tokens import token_metrics
from cac.note import Span
from cac.read import read_note

LANGUAGES = {"es": "Spanish", "en": "English"}
TASKS = {"D": CodeSystem.ICD10CM, "P": CodeSystem.ICD10PCS}
_TARGETS = {
    "Spanish D micro F1": ">= 0.74",
    "Spanish D MAP": ">= 0.64",
    "Spanish P micro F1": ">= 0.58",
    "Spanish X micro F1 (code and span)": ">= 0.63",
    "Spanish evidence of predicted codes: token F1": ">= 0.70",
    "Spanish evidence of predicted codes: share empty": "<= 0.02",
    "English D micro F1": ">= 0.67",
    "English P micro F1": ">= 0.52",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """The development notes of a language, and what a bundle says of them."""

    name: str
    model: LearnedModel
    gold: Sequence[CodedNote]
    predicted: Sequence[Sequence[ScoredCode]]
    milliseconds: Sequence[float]

    def of_task(self, task: str) -> list[tuple[set[Code], list[ScoredCode]]]:
        """Return the gold and the predicted codes of a task, note by note."""
        system = TASKS[task]
        return [
            (
                {code for code in note.codes if code.system is system},
                [scored for scored in found if scored.code.system is system],
            )
            for note, found in zip(self.gold, self.predicted, strict=True)
        ]


def run(data: Path | None = None) -> list[Row]:
    """Learn from train and measure on dev, in both languages."""
    return [row for language in LANGUAGES for row in rows(measure(language, data))]


def measure(language: str, data: Path | None = None) -> Measured:
    """Predict the development notes by the bundle of a language, learnt where it is not yet."""
    folder = data or data_folder()
    os.environ["CAC_DATA"] = str(folder)
    model = LearnedModel.load(learned_bundle(language, folder))
    gold = load_corpus("codiesp", "dev", language, folder)
    annotated = [read_note(coded.note) for coded in gold]
    model.predict(annotated[0])  # The first call imports what the others share.
    predicted, milliseconds = [], []
    for note in annotated:
        start = perf_counter()
        predicted.append(model.predict(note))
        milliseconds.append(1000 * (perf_counter() - start))
    return Measured(LANGUAGES[language], model, gold, predicted, milliseconds)


def rows(found: Measured) -> list[Row]:
    """Return the figures of a language."""
    measured = [row for task in TASKS for row in (_f1(found, task), _map(found, task))]
    if any(note.evidence for note in found.gold):
        measured += [_x(found), *_evidence(found)]
    return [*measured, *(_calibration(found, task) for task in TASKS), _speed(found)]


def _f1(found: Measured, task: str) -> Row:
    notes = found.of_task(task)
    suggested = [{s.code for s in scored if s.suggested} for _, scored in notes]
    both = [2.0 * len(g & s) for (g, _), s in zip(notes, suggested, strict=True)]
    all_codes = [float(len(g) + len(s)) for (g, _), s in zip(notes, suggested, strict=True)]
    statistic = ratio_statistic(np.array(both), np.array(all_codes))
    interval = bootstrap_interval(statistic, len(notes))
    n_gold = sum(len(gold) for gold, _ in notes)
    what = f"{found.name} {task} micro F1"
    return _row(what, interval.value, interval.low, interval.high, n_gold)


def _map(found: Measured, task: str) -> Row:
    notes = [(gold, scored) for gold, scored in found.of_task(task) if gold]
    values = [
        codiesp_map({"": sorted(gold)}, {"": [s.code for s in scored]}) for gold, scored in notes
    ]
    interval = bootstrap_interval(mean_statistic(np.array(values)), len(values))
    what = f"{found.name} {task} MAP"
    return _row(what, interval.value, interval.low, interval.high, len(values))


def _x(found: Measured) -> Row:
    counts = []
    for note, scored in zip(found.gold, found.predicted, strict=True):
        said = [
            CodeEvidence(code.code, mention.spans)
            for code in scored
            if code.suggested
            for mention in code.mentions
        ]
        score = codiesp_x({"": note.evidence}, {"": said})
        counts.append((2 * score.n_correct, score.n_predicted + score.n_gold))
    numerator, denominator = np.array(counts, dtype=float).T
    interval = bootstrap_interval(ratio_statistic(numerator, denominator), len(counts))
    n_gold = sum(len({e.code for e in note.evidence}) for note in found.gold)
    what = f"{found.name} X micro F1 (code and span)"
    return _row(what, interval.value, interval.low, interval.high, n_gold)


def _evidence(found: Measured) -> list[Row]:
    """Return how plausible the evidence of right codes is, as Edin et al. 2024 measure it."""
    explanations = [
        explanation
        for note, scored in zip(found.gold, found.predicted, strict=True)
        for explanation in explanations_of(note, _spans(scored), all_gold=False)
    ]
    metrics, n = token_metrics(explanations, 0.0), len(explanations)
    what = f"{found.name} evidence of predicted codes"
    return [
        _row(f"{what}: token F1", metrics.token.f1, None, None, n),
        _row(f"{what}: share empty", metrics.empty_share, None, None, n),
    ]


def _spans(scored: Sequence[ScoredCode]) -> dict[Code, list[tuple[Span, float]]]:
    return {
        s.code: [(span, mention.probability) for mention in s.mentions for span in mention.spans]
        for s in scored
        if s.suggested
    }


def _calibration(found: Measured, task: str) -> Row:
    every = [
        (s.code in gold, s.probability) for gold, scored in found.of_task(task) for s in scored
    ]
    truth, chances = np.array(every, dtype=float).T
    error = expected_calibration_error(truth, chances)
    return _row(f"{found.name} {task} calibration error (ECE)", error, None, None, len(every))


def _speed(found: Measured) -> Row:
    what = f"{found.name} milliseconds a note, reading left out"
    return _row(what, float(np.mean(found.milliseconds)), None, None, len(found.milliseconds))


def _row(what: str, figure: float, low: float | None, high: float | None, n: int) -> Row:
    target = _TARGETS.get(what, "")
    return {"what": what, "figure": figure, "low": low, "high": high, "n": n, "target": target}


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures, or the misses."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codiesp", description=__doc__)
    parser.add_argument("--language", choices=sorted(LANGUAGES), help="none: both")
    parser.add_argument("--misses", action="store_true", help="the commonest misses by cause")
    args = parser.parse_args(argv)
    for language in [args.language] if args.language else LANGUAGES:
        found = measure(language)
        if args.misses:
            print(misses_table(found.model, found.gold, found.predicted))
            continue
        for row in rows(found):
            bounds = "" if row["low"] is None else f" ({row['low']:.3f} to {row['high']:.3f})"
            print(f"{row['what']}: {row['figure']:.4f}{bounds}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
