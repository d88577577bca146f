"""A learnt model: codes with probabilities and evidence for a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cac.coding import Band, Code, CodeSystem
from cac.errors import BundleError
from cac.learn.bundle import Manifest, read_finder, read_manifest, read_scorers
from cac.learn.candidates import Candidate
from cac.learn.codes import CodeCandidate, by_code
from cac.learn.context import as_rows
from cac.learn.finder import TermFinder
from cac.learn.known import known_mentions
from cac.learn.terms import Annotated
from cac.learn.training import Scorers, candidates_of
from cac.learn.trees import Floats
from cac.learn.words import NoteWords, read_words
from cac.note import AnnotatedNote, Span

_LEAST_PROBABILITY = 0.005
_N_MENTIONS = 12
_LEAST_OF_BEST = 0.3


@dataclass(frozen=True, slots=True)
class ScoredMention:
    """Words that stand for a code, with the probability that they are evidence of it."""

    spans: tuple[Span, ...]
    probability: float

    @property
    def extent(self) -> Span:
        """The span from the first character to the last."""
        return Span(self.spans[0].start, self.spans[-1].end)


@dataclass(frozen=True, slots=True)
class ScoredCode:
    """A code with its calibrated probability and its mentions, the likeliest first.

    ``suggested`` tells whether the probability reaches the threshold of the code's system;
    ``band`` is None where none was learnt.
    """

    code: Code
    probability: float
    mentions: tuple[ScoredMention, ...]
    suggested: bool
    band: Band | None = None


class LearnedModel:
    """What `cac learn` makes, ready to answer."""

    def __init__(self, manifest: Manifest, finder: TermFinder, scorers: Scorers) -> None:
        self.manifest = manifest
        self.finder = finder
        self._scorers = scorers

    @classmethod
    def load(cls, folder: Path | str, *, reader: str | None = None) -> LearnedModel:
        """Load a bundle; ``reader`` is the fingerprint of the reader that it will stand beside.

        Raises:
            BundleError: the bundle is damaged, older, or was learnt with another reader.
        """
        path = Path(folder)
        manifest = read_manifest(path)
        if reader is not None:
            _require_reader(manifest, reader)
        return cls(manifest, read_finder(path, manifest), read_scorers(path, manifest))

    def threshold(self, system: CodeSystem) -> float:
        """Return the probability from which codes of a system are suggested; 1 where unknown."""
        known = self._scorers.calibration.get(system)
        return known.threshold if known else 1.0

    def predict(self, annotated: AnnotatedNote) -> tuple[ScoredCode, ...]:
        """Return the codes of a note, the likeliest first.

        Raises:
            BundleError: the note was read by another reader than those learnt from.
        """
        _require_reader(self.manifest, annotated.fingerprint)
        words = read_words(annotated, self.manifest.language)
        note = Annotated(annotated, words, (), ())
        known = known_mentions(annotated) if self.manifest.finder else ()
        candidates, found = candidates_of(self.finder, note, known)
        scorers = self._scorers
        rows = scorers.rows(words.text, candidates, found)
        chances = scorers.mentions.probabilities(as_rows(rows, len(scorers.mentions.names)))
        codes = by_code(candidates, rows, chances)
        raw = as_rows([code.row for code in codes], len(scorers.codes.names))
        calibrated = self._calibrated(codes, scorers.codes.probabilities(raw))
        scored = [
            self._scored(code, chance, words)
            for code, chance in zip(codes, calibrated.tolist(), strict=True)
            if chance >= _LEAST_PROBABILITY
        ]
        return tuple(sorted(scored, key=lambda s: (-s.probability, s.code)))

    def _calibrated(self, codes: Sequence[CodeCandidate], chances: Floats) -> Floats:
        for system, calibration in self._scorers.calibration.items():
            of_system = np.array([found.code.system is system for found in codes], dtype=bool)
            chances = np.where(of_system, calibration.apply(chances), chances)
        return chances

    def _scored(self, found: CodeCandidate, chance: float, words: NoteWords) -> ScoredCode:
        places: dict[tuple[Span, ...], float] = {}
        least = found.rated[0].probability * _LEAST_OF_BEST
        for rated in found.rated[:_N_MENTIONS]:
            if rated.probability >= least:
                places.setdefault(spans_of(rated.candidate, words), rated.probability)
        mentions = tuple(ScoredMention(spans, p) for spans, p in places.items())
        suggested = chance >= self.threshold(found.code.system)
        bands = self._scorers.bands.get(found.code.system)
        band = bands.of(chance) if bands else None
        return ScoredCode(found.code, chance, mentions, suggested, band)


def spans_of(candidate: Candidate, words: NoteWords) -> tuple[Span, ...]:
    """Return the spans of the words matched; neighbours, and what stands between, are one span."""
    spans: list[Span] = []
    last = None
    for position in candidate.words:
        word = words.words[position]
        if last is not None and position == last + 1:
            spans[-1] = Span(spans[-1].start, word.end)
        else:
            spans.append(Span(word.start, word.end))
        last = position
    return tuple(spans)


def _require_reader(manifest: Manifest, reader: str) -> None:
    if reader != manifest.reader:
        known, found = manifest.reader[:12] or "none", reader[:12] or "none"
        raise BundleError(
            f"The bundle was learnt beside reader {known}, and the note is read by {found}. "
            "Learn it again with `cac learn`."
        )
