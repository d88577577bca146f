"""How fast and how small the classifier is, against PLM-ICD as published, in one run.

Same encoder, same windows of 128 tokens without overlap, same notes, one thread each; seconds are
of the processor, so that what else the machine does counts little. What differs is what is
measured: no padding, bfloat16, label attention that keeps no weights, recomputed activations.
"""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.results import Row
from cac.errors import CorpusError

N_LABELS = 8_000
FEW_LABELS, MANY_LABELS = 1_000, 20_000
_N_NOTES = 8
_MODES = ("inference", "training")


def run() -> list[Row]:
    """Return speed and memory as ratios, and what labels cost.

    Raises:
        CorpusError: the encoder is not at hand.
    """
    rows: list[Row] = []
    for mode in _MODES:
        ours, published = _measure("ours", mode, N_LABELS), _measure("plm_icd", mode, N_LABELS)
        faster = ours["tokens_per_second"] / published["tokens_per_second"]
        smaller = ours["mebibytes"] / published["mebibytes"]
        said = f"{mode}, {N_LABELS:,} labels"
        rows.append(_row(f"{said}: tokens a second", ours["tokens_per_second"], ""))
        rows.append(_row(f"{said}: times as fast as PLM-ICD", faster, ">= 2"))
        rows.append(_row(f"{said}: share of PLM-ICD's peak memory", smaller, "<= 0.5"))
    few, many = (_measure("ours", "inference", n) for n in (FEW_LABELS, MANY_LABELS))
    cost = many["seconds_per_note"] / few["seconds_per_note"]
    named = f"cost of a note with {MANY_LABELS:,} labels over that with {FEW_LABELS:,}"
    asked = _measure("ours", "evidence", N_LABELS)
    explained = "evidence of 15 codes by AttInGrad: times the scoring of the note"
    return [
        *rows,
        _row(named, cost, "<= 2"),
        _row(explained, asked["evidence"] / asked["scoring"], "<= 1"),
    ]


def _measure(model: str, mode: str, n_labels: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks._classify_process", model, mode, str(n_labels)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason"
        raise CorpusError(f"The classifier cannot be measured: {reason}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _row(what: str, figure: float, target: str) -> Row:
    return {
        "what": f"classifier, {what}",
        "figure": figure,
        "low": None,
        "high": None,
        "n": _N_NOTES,
        "target": target,
    }
