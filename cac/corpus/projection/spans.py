"""Evidence spans carried over word links from a text to its translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cac.corpus.projection.links import Links
from cac.corpus.projection.texts import BeadWords
from cac.note import Span

_MAX_GAP = 4
# A single word that far from three others is an error of the alignment.
_STRAY, _FIRM = 1, 3


@dataclass(frozen=True, slots=True)
class LinkedBead:
    """An aligned run of sentences with the links between their words."""

    words: BeadWords
    links: Links


def project_spans(
    spans: Sequence[Span], beads: Sequence[LinkedBead], translation: str
) -> tuple[Span, ...]:
    """Return the spans of the translation that stand for ``spans``; empty where no word is linked.

    Words of content carry the link; the words between are filled in where they stand for nothing
    outside the evidence.
    """
    found: set[Span] = set()
    for bead in beads:
        sources = {
            index
            for index, word in enumerate(bead.words.source)
            if any(span.overlaps(word.span) for span in spans)
        }
        if sources:
            found.update(_project_in_bead(bead, sources, translation))
    return tuple(sorted(found))


def _project_in_bead(bead: LinkedBead, sources: set[int], translation: str) -> list[Span]:
    sources = {s for s in sources if bead.words.source[s].content} or sources
    targets = {t for s, t in bead.links if s in sources}
    targets = {t for t in targets if bead.words.target[t].content} or targets
    runs = _without_strays(_runs(bead, sources, sorted(targets), translation))
    words = bead.words.target
    return [Span(words[run[0]].span.start, words[run[-1]].span.end) for run in runs]


def _runs(
    bead: LinkedBead, sources: set[int], targets: Sequence[int], translation: str
) -> list[list[int]]:
    """Group target words; a run goes on where the gap before the next word may be filled."""
    claimed = {t for s, t in bead.links if s not in sources and bead.words.source[s].content} - set(
        targets
    )
    runs: list[list[int]] = []
    for target in targets:
        if runs and _fills(bead, runs[-1][-1], target, claimed, translation):
            runs[-1].append(target)
        else:
            runs.append([target])
    return runs


def _fills(bead: LinkedBead, before: int, after: int, claimed: set[int], translation: str) -> bool:
    words = bead.words.target
    between = translation[words[before].span.end : words[after].span.start]
    if after - before - 1 > _MAX_GAP or any(mark in between for mark in ".;:\n"):
        return False
    return not any(gap in claimed and words[gap].content for gap in range(before + 1, after))


def _without_strays(runs: list[list[int]]) -> list[list[int]]:
    longest = max(map(len, runs), default=0)
    if longest < _FIRM:
        return runs
    return [run for run in runs if len(run) > _STRAY]
