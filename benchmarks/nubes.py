"""Spanish negation and doubt: the words in the scopes of NUBes and IULA+, one by one.

Rules were tuned on samples 1 to 7 of NUBes; samples 8 to 10 and IULA+ are for checking. A word
counts once however many scopes hold it; cues are left out, and so are words that are cue and
scope in one ("afebril").
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.results import Row
from cac.corpus import data_folder
from cac.corpus.asserted import AssertedNote
from cac.corpus.nubes import load_modifiers
from cac.metrics.bootstrap import bootstrap_interval, ratio_statistic
from cac.note import Assertion, Modifier, Span
from cac.read import Reader

_PARTS = {
    "NUBes samples 8 to 10": ("dev",),
    "IULA+": ("iula",),
    "NUBes samples 8 to 10 and IULA+": ("dev", "iula"),
    "NUBes samples 1 to 7, tuned on": ("train",),
}


def run(data: Path | None = None) -> list[Row]:
    """Measure token F1 of negation scopes, and of doubt, with intervals over the texts."""
    folder = data or data_folder()
    reader = Reader("es")
    counts = {
        split: [_counts(reader, found) for found in load_modifiers(folder, split)]
        for split in ("train", "dev", "iula")
    }
    rows = []
    for name, splits in _PARTS.items():
        found = [count for split in splits for count in counts[split]]
        target = ">= 0.82" if splits == ("dev", "iula") else ""
        rows.append(_row(f"{name}: negation scope token F1", [c[0] for c in found], target))
        rows.append(_row(f"{name}: doubt scope token F1", [c[1] for c in found], ""))
    return rows


def _counts(reader: Reader, found: AssertedNote) -> list[tuple[int, int]]:
    """Return words right, and words in gold plus words found, for negation and doubt."""
    annotated = reader.read(found.note)
    text = found.note.text
    words = [t for t in annotated.tokens if any(map(str.isalnum, text[t.start : t.end]))]
    gold_cues = _inside(words, (m.cue for m in found.modifiers))
    counts = []
    for assertion in (Assertion.NEGATED, Assertion.POSSIBLE):
        gold = _scoped(words, found.modifiers, assertion) - gold_cues
        ours = [m for m in annotated.modifiers if m.assertion is assertion]
        cues = _inside(words, (m.cue for m in ours))
        said = _scoped(words, ours, assertion) - gold_cues - cues
        counts.append((2 * len(gold & said), len(gold) + len(said)))
    return counts


def _scoped(words: list[Span], modifiers: Iterable[Modifier], assertion: Assertion) -> set[int]:
    scopes = (m.scope for m in modifiers if m.assertion is assertion and m.cue != m.scope)
    return _inside(words, scopes)


def _inside(words: list[Span], spans: Iterable[Span]) -> set[int]:
    starts = np.array([word.start for word in words])
    found: set[int] = set()
    for span in spans:
        first, last = np.searchsorted(starts, [span.start, span.end])
        found.update(range(int(first), int(last)))
    return found


def _row(what: str, counts: list[tuple[int, int]], target: str) -> Row:
    right, marked = np.array(counts, dtype=np.float64).T
    interval = bootstrap_interval(ratio_statistic(right, marked), len(counts))
    return {
        "what": what,
        "figure": interval.value,
        "low": interval.low,
        "high": interval.high,
        "n": len(counts),
        "target": target,
    }


if __name__ == "__main__":
    for row in run(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(row)
