"""Monotone sentence alignment of a text and its translation by dynamic programming.

The length model is Gale and Church's (1993); the words of a translated sentence are scored by how
much likelier they are beside the source sentence than by themselves (Moore 2002), first with
cognates, then with a lexicon learnt from the first alignment.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erfc

from cac.note import Span

Floats = npt.NDArray[np.float64]

_BREAK = re.compile(r"\n+|(?<=[.!?])[)\"»”]?\s+(?=[A-ZÁÉÍÓÚÑ¿¡\"«“(\d])")
_ABBREVIATIONS = re.compile(
    r"(?:^|[\s(])(?:dr|dra|sr|sra|prof|fig|aprox|vs|núm|no|ej|[A-ZÑ])\.$", re.I
)
# How many source and target sentences a bead joins, with its prior probability.
_BEADS = {
    (1, 1): 0.89,
    (1, 0): 0.005,
    (0, 1): 0.005,
    (2, 1): 0.04,
    (1, 2): 0.04,
    (2, 2): 0.005,
    (3, 1): 0.0075,
    (1, 3): 0.0075,
}
_LENGTH_VARIANCE = 6.8


@dataclass(frozen=True, slots=True)
class Bead:
    """Aligned runs of sentences, as half-open ranges of their indices."""

    source: Span
    target: Span


def sentence_spans(text: str) -> list[Span]:
    """Split at line ends and at full stops before a capital or digit; spans are stripped."""
    spans, start = [], 0
    for match in _BREAK.finditer(text):
        if "\n" not in match.group() and _ABBREVIATIONS.search(text[start : match.start()]):
            continue
        spans.append(_stripped(text, start, match.end()))
        start = match.end()
    spans.append(_stripped(text, start, len(text)))
    return [span for span in spans if span.end > span.start]


def line_spans(text: str) -> list[Span]:
    """Return the spans of the lines that are not blank."""
    lines = re.finditer(r"[^\n]+", text)
    spans = [_stripped(text, match.start(), match.end()) for match in lines]
    return [span for span in spans if span.end > span.start]


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))


def align_sentences(source_lengths: Floats, target_lengths: Floats, gains: Floats) -> list[Bead]:
    """Return the best monotone beads that cover both texts.

    Args:
        source_lengths: characters of each source sentence; shape (n_source,).
        target_lengths: characters of each target sentence; shape (n_target,).
        gains: shape (4, n_target, n_source); ``gains[a, j, i]`` is the log-likelihood gain of
            target sentence ``j`` beside the ``a`` source sentences from ``i`` on.
    """
    scores = [
        (a, b, _bead_scores(a, b, prior, source_lengths, target_lengths, gains).tolist())
        for (a, b), prior in _BEADS.items()
        if a <= len(source_lengths) and b <= len(target_lengths)
    ]
    n_source, n_target = len(source_lengths), len(target_lengths)
    best = [[-math.inf] * (n_target + 1) for _ in range(n_source + 1)]
    step = [[(0, 0)] * (n_target + 1) for _ in range(n_source + 1)]
    best[0][0] = 0.0
    for i in range(n_source + 1):
        for j in range(n_target + 1):
            for a, b, of_bead in scores:
                if a <= i and b <= j:
                    score = best[i - a][j - b] + of_bead[i - a][j - b]
                    if score > best[i][j]:
                        best[i][j], step[i][j] = score, (a, b)
    return _trace(step, n_source, n_target)


def _bead_scores(
    a: int, b: int, prior: float, source_lengths: Floats, target_lengths: Floats, gains: Floats
) -> Floats:
    """Score the beads of ``a`` by ``b`` sentences; shape (n_source - a + 1, n_target - b + 1)."""
    source, target = _windows(source_lengths, a), _windows(target_lengths, b)
    expected = source * (target_lengths.sum() / source_lengths.sum())
    mean = np.maximum((expected[:, None] + target[None, :]) / 2, 1.0)
    delta = np.abs(expected[:, None] - target[None, :]) / np.sqrt(_LENGTH_VARIANCE * mean)
    scores = np.log(np.maximum(erfc(delta / math.sqrt(2)), 1e-12)) + math.log(prior)
    if a and b:
        n_runs = len(source)
        scores += sum(gains[a, k : k + len(target), :n_runs].T for k in range(b))
    return np.asarray(scores)


def _windows(lengths: Floats, n: int) -> Floats:
    """Sum every ``n`` neighbours; shape (n_lengths - n + 1,)."""
    cumulated = np.append(0.0, lengths.cumsum())
    return np.asarray(cumulated[n:] - cumulated[: len(cumulated) - n])


def _trace(step: list[list[tuple[int, int]]], n_source: int, n_target: int) -> list[Bead]:
    beads, i, j = [], n_source, n_target
    while i or j:
        a, b = step[i][j]
        beads.append(Bead(Span(i - a, i), Span(j - b, j)))
        i, j = i - a, j - b
    return beads[::-1]
