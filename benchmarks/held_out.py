"""Codes that training never saw: CodiEsp English learnt without a fifth of its diagnoses.

All notes stay; labels and evidence of the held-out codes are taken out of them, the evidence with
its words, and mentions that could stand for such a code teach nothing. In dev notes the held-out
codes alone are then ranked, by what was learnt and by the finder with nothing learnt, both by the
convention of the corpus.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks._codiesp_bundles import bundle_root, projected, sources_digest
from benchmarks.results import Row
from cac.bundles import MANIFEST
from cac.coding import Code, CodedNote, CodeSystem
from cac.corpus import data_folder, load_corpus, read_coded_notes, write_coded_notes
from cac.learn import LearnedModel
from cac.learn.corpora import learn_bundle
from cac.metrics.bootstrap import bootstrap_interval, mean_statistic
from cac.metrics.codiesp import codiesp_map
from cac.read import read_note
from cac.suggester import Suggester

SHARE = 0.2
_GAIN = 1.25
Floats = npt.NDArray[np.float64]


def run(data: Path | None = None) -> list[Row]:
    """Learn without the held-out codes, and rank them in the dev notes."""
    folder = data or data_folder()
    os.environ["CAC_DATA"] = str(folder)
    model = LearnedModel.load(_bundle(folder))
    finder = Suggester.load(convention="codiesp", systems=(CodeSystem.ICD10CM,))
    dev = load_corpus("codiesp", "dev", "en", folder)
    ranked = [[s.code for s in model.predict(read_note(coded.note))] for coded in dev]
    learned = _precisions(dev, ranked)
    perfect = _precisions(dev, map(_gold_first, dev, ranked))
    answers = [finder.suggest(coded.note, min_probability=0.0).suggestions for coded in dev]
    alone = _precisions(dev, [[s.code for s in answer] for answer in answers])
    base = float(alone.mean())
    return [
        _row("held-out codes, CodiEsp English dev, finder alone: MAP", alone, ""),
        _row(
            "held-out codes, CodiEsp English dev, learnt without them: MAP",
            learned,
            f">= {_GAIN * base:.3f}",
        ),
        _row("held-out codes, its candidates in the best order there is: MAP", perfect, ""),
    ]


def is_held_out(code: Code) -> bool:
    """Tell whether a code is one of the fifth of diagnoses that training does not see."""
    share = int(sha256(f"held-out {code.value}".encode()).hexdigest()[:8], 16) / 16**8
    return code.system is CodeSystem.ICD10CM and share < SHARE


def without_held_out(coded: CodedNote) -> CodedNote:
    """Return a note in which what is held out is neither coded nor spoken of.

    Its evidence is blanked: words left there without a code would teach that they are never coded.
    """
    codes = tuple(code for code in coded.codes if not is_held_out(code))
    evidence = tuple(e for e in coded.evidence if not is_held_out(e.code))
    kept = {span for e in evidence for span in e.spans}
    text = coded.note.text
    for found in coded.evidence:
        for span in found.spans if is_held_out(found.code) else ():
            if not any(span.overlaps(other) for other in kept):
                text = text[: span.start] + " " * len(span) + text[span.end :]
    return CodedNote(replace(coded.note, text=text), codes, evidence)


def _bundle(data: Path) -> Path:
    root = bundle_root()
    folder = root / f"codiesp-en-held-out-{sources_digest('en')}"
    if not (folder / MANIFEST).is_file():
        print(f"  learning {folder.name}", file=sys.stderr)
        notes = root / "codiesp_en_train_without_held_out.jsonl"
        write_coded_notes(notes, map(without_held_out, read_coded_notes(projected(root, data))))
        learn_bundle("codiesp", "train", "en", folder, evidence=notes, unused=is_held_out)
    return folder


def _gold_first(coded: CodedNote, ranked: Sequence[Code]) -> list[Code]:
    return sorted(ranked, key=lambda code: code not in coded.codes)


def _precisions(dev: Sequence[CodedNote], ranked: Iterable[Sequence[Code]]) -> Floats:
    """Return the average precision of each note that has a held-out code, among such codes."""
    found = []
    for coded, codes in zip(dev, ranked, strict=True):
        gold = [code for code in coded.codes if is_held_out(code)]
        if gold:
            kept = [code for code in codes if is_held_out(code)]
            found.append(codiesp_map({"": gold}, {"": kept}))
    return np.array(found)


def _row(what: str, precisions: Floats, target: str) -> Row:
    interval = bootstrap_interval(mean_statistic(precisions), len(precisions))
    return {
        "what": what,
        "figure": interval.value,
        "low": interval.low,
        "high": interval.high,
        "n": len(precisions),
        "target": target,
    }
