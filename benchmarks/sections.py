"""Section categories after 207 headers of MTSamples and ACI-Bench, checked by hand.

``data/section_headers_checked.tsv`` gives the header, its note and place, and the category that
a reader gave to the text behind it, before the program was run on it; for a sub-header ("HEENT")
that is the section it stands in. Some faults that the first run showed were mended, so the list
is development data.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.results import Row
from cac.corpus import data_folder, load_corpus
from cac.metrics.bootstrap import bootstrap_interval, ratio_statistic
from cac.note import AnnotatedNote, Note, Span
from cac.read import Reader

CHECKED = Path(__file__).with_name("data") / "section_headers_checked.tsv"
_NONE = "other"
_SOURCES = (
    ("mtsamples", "all"),
    *(("aci_bench", split) for split in ("train", "valid", "test1", "test2", "test3")),
)


def run(data: Path | None = None) -> list[Row]:
    """Measure micro F1 over the categories; "other" counts as no category."""
    folder = data or data_folder()
    reader = Reader("en")
    notes = dict(_notes(folder))
    read: dict[str, AnnotatedNote] = {}
    counts = []
    for row in checked_headers():
        key = row["note"]
        if key not in read:
            read[key] = reader.read(notes[key])
        last = int(row["start"]) + len(row["header"]) - 1
        section = read[key].section_at(Span(last, last + 1))
        found = section.category if section else _NONE
        gold = row["category"]
        counts.append((gold == found != _NONE, (gold != _NONE) + (found != _NONE)))
    right, marked = np.array(counts, dtype=np.float64).T
    interval = bootstrap_interval(ratio_statistic(2 * right, marked), len(counts))
    return [
        {
            "what": "section categories, headers of MTSamples and ACI-Bench: micro F1",
            "figure": interval.value,
            "low": interval.low,
            "high": interval.high,
            "n": len(counts),
            "target": ">= 0.95",
        }
    ]


def checked_headers() -> list[dict[str, str]]:
    """Return the rows of the checked list: header, note, start, category."""
    with CHECKED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _notes(folder: Path) -> Iterator[tuple[str, Note]]:
    for corpus, split in _SOURCES:
        for coded in load_corpus(corpus, split, folder=folder):
            name = coded.note.note_id.removeprefix(f"{corpus}-")
            yield f"{corpus}:{name}", coded.note


if __name__ == "__main__":
    for row in run(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(row)
