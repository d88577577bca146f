"""Drift between two corpora: what a model trained on the one meets in the other.

Shares and distances alone; no word of a note is shown, since a rare word may be a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

from cac.coding import CodedNote
from cac.read import read_note

_WORD = re.compile(r"[^\W\d_]{2,}")
N_LISTED = 20


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A code, section or type of note, with its share of the notes in both corpora."""

    kind: str
    name: str
    first: float
    second: float

    @property
    def change(self) -> float:
        """By how much the share grew."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class Drift:
    """Distances (0: alike, 1: nothing in common) and the largest shifts.

    ``figures`` holds Jensen-Shannon distances (base 2) of codes, words, sections and types, the
    Kolmogorov-Smirnov distance of note lengths and of codes a note, the share of the second's
    labels whose code the first never has, and of its words that the first never has.
    """

    n_first: int
    n_second: int
    figures: Mapping[str, float]
    shifts: tuple[ShiftRow, ...]


def drift(first: Sequence[CodedNote], second: Sequence[CodedNote]) -> Drift:
    """Compare two corpora; ``first`` is what was trained on."""
    codes = _codes(first), _codes(second)
    words = _words(first), _words(second)
    sections = _sections(first), _sections(second)
    types = _types(first), _types(second)
    figures = {
        "codes": _distance(*codes),
        "words": _distance(*words),
        "sections": _distance(*sections),
        "note_types": _distance(*types),
        "note_length": _gap([len(c.note.text) for c in first], [len(c.note.text) for c in second]),
        "codes_a_note": _gap([len(c.codes) for c in first], [len(c.codes) for c in second]),
        "unseen_codes": _unseen(*codes),
        "unseen_words": _unseen(*words),
    }
    counted = {"code": codes, "section": sections, "note type": types}
    rows = [
        row
        for kind, (one, two) in counted.items()
        for row in _shifts(kind, one, two, len(first), len(second))
    ]
    return Drift(len(first), len(second), figures, tuple(rows))


def _codes(notes: Sequence[CodedNote]) -> Counter[str]:
    codes = (code for coded in notes for code in set(coded.codes))
    return Counter(f"{code.system.value} {code.value}" for code in codes)


def _words(notes: Sequence[CodedNote]) -> Counter[str]:
    return Counter(word for coded in notes for word in _WORD.findall(coded.note.text.lower()))


def _sections(notes: Sequence[CodedNote]) -> Counter[str]:
    return Counter(
        name for coded in notes for name in {s.category for s in read_note(coded.note).sections}
    )


def _types(notes: Sequence[CodedNote]) -> Counter[str]:
    return Counter(coded.note.note_type or "unknown" for coded in notes)


def _distance(first: Counter[str], second: Counter[str]) -> float:
    """Return the Jensen-Shannon distance of two counts, in base 2."""
    names = list(first.keys() | second.keys())
    if not first.total() or not second.total():
        return float("nan")
    both = [np.array([count[name] for name in names], float) for count in (first, second)]
    # Rounding can bring the divergence of equal counts below 0.
    return float(np.nan_to_num(jensenshannon(*both, base=2)))


def _gap(first: Sequence[int], second: Sequence[int]) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples."""
    return float(ks_2samp(first, second).statistic) if first and second else float("nan")


def _unseen(first: Counter[str], second: Counter[str]) -> float:
    """Return the share of the second's occurrences that the first has none of."""
    unseen = sum(n for name, n in second.items() if name not in first)
    return unseen / second.total() if second.total() else float("nan")


def _shifts(
    kind: str, first: Counter[str], second: Counter[str], n_first: int, n_second: int
) -> list[ShiftRow]:
    rows = [
        ShiftRow(kind, str(name), first[name] / max(n_first, 1), second[name] / max(n_second, 1))
        for name in first.keys() | second.keys()
    ]
    return sorted(rows, key=lambda row: (-abs(row.change), row.name))[:N_LISTED]
