"""What is suggested out of the box: ACI-Bench (US outpatient) and the English CodiEsp.

What is scored is what ``Suggester.load()`` answers at its default cut: ACI-Bench by US outpatient
billing, CodiEsp by its own convention of coding every mention, which the bundle that ships was
taught as well. CodiEsp's gold codes are of the
2018 edition and are compared as they stand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.results import Row
from cac.cli.loading import CodeSuggester
from cac.coding import Code, CodedNote, CodeSystem
from cac.corpus import data_folder, load_corpus
from cac.metrics.bootstrap import bootstrap_interval, ratio_statistic
from cac.metrics.hierarchy import category
from cac.note import Setting
from cac.suggester import Suggester

Key = Callable[[Code], str]
Targets = tuple[float, float]


def run(data: Path | None = None) -> list[Row]:
    """Measure both corpora, whole codes and categories."""
    folder = data or data_folder()
    aci = load_corpus("aci_bench", "dev", folder=folder)
    codiesp = load_corpus("codiesp", "dev", "en", folder=folder)
    billing = Suggester.load(systems=(CodeSystem.ICD10CM,))
    plain, shipped = (
        Suggester.load(bundle, convention="codiesp", systems=(CodeSystem.ICD10CM,))
        for bundle in (None, "default")
    )
    return [
        *_rows(
            "ACI-Bench dev, outpatient, nothing learnt",
            [replace(c, note=replace(c.note, setting=Setting.OUTPATIENT)) for c in aci],
            billing,
            (0.40, 0.50),
        ),
        *_rows("CodiEsp English dev, D, nothing learnt", codiesp, plain, (0.38, 0.56)),
        *_rows("CodiEsp English dev, D, the bundle that ships", codiesp, shipped, None),
    ]


def _rows(
    what: str, notes: Sequence[CodedNote], suggester: CodeSuggester, targets: Targets | None
) -> list[Row]:
    answers = [suggester.suggest(coded.note) for coded in notes]
    gold = [[c for c in coded.codes if c.system is CodeSystem.ICD10CM] for coded in notes]
    found = [[s.code for s in answer.suggestions] for answer in answers]
    return [
        _row(f"{what}: micro F1", gold, found, str, targets and targets[0]),
        _row(f"{what}: micro F1 of categories", gold, found, category, targets and targets[1]),
    ]


def _row(
    what: str,
    gold: Sequence[Sequence[Code]],
    found: Sequence[Sequence[Code]],
    key: Key,
    target: float | None,
) -> Row:
    pairs = [({key(c) for c in g}, {key(c) for c in f}) for g, f in zip(gold, found, strict=True)]
    hits = np.array([len(g & f) for g, f in pairs], dtype=np.float64)
    sizes = np.array([len(g) + len(f) for g, f in pairs], dtype=np.float64)
    interval = bootstrap_interval(ratio_statistic(2 * hits, sizes), len(pairs))
    return {
        "what": what,
        "figure": interval.value,
        "low": interval.low,
        "high": interval.high,
        "n": len(pairs),
        "target": "" if target is None else f">= {target:.2f}",
    }


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(
            f"{row['what']}: {row['figure']:.3f} ({row['low']:.3f}-{row['high']:.3f})\n"
        )
