"""Pairs of texts, cut into sentences and words, and aligned sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cac.corpus.projection.lexicon import (
    Floats,
    Ints,
    Vocabulary,
    cognate_matrix,
    ibm1,
    run_gains,
)
from cac.corpus.projection.sentences import (
    Bead,
    align_sentences,
    line_spans,
    sentence_spans,
)
from cac.corpus.projection.words import Word, words_of
from cac.note import Span


@dataclass(frozen=True, slots=True)
class Side:
    """One text of a pair: its sentences and their words."""

    sentences: tuple[Span, ...]
    words: tuple[tuple[Word, ...], ...]

    @property
    def lengths(self) -> Floats:
        """Characters of each sentence."""
        return np.array([len(s) for s in self.sentences], dtype=np.float64)

    @property
    def starts(self) -> Ints:
        """Index of the first word of each sentence among all words."""
        sizes = [len(words) for words in self.words]
        return np.cumsum([0, *sizes[:-1]], dtype=np.int64)

    def all_words(self, sentences: Span | None = None) -> list[Word]:
        """Return the words of a run of sentences, or of all."""
        run = self.words if sentences is None else self.words[sentences.start : sentences.end]
        return [word for words in run for word in words]


@dataclass(frozen=True, slots=True)
class TextPair:
    """A text and its translation."""

    source: Side
    target: Side


@dataclass(frozen=True, slots=True)
class BeadWords:
    """The words of an aligned run of sentences."""

    source: tuple[Word, ...]
    target: tuple[Word, ...]


def pair_of(source: str, target: str) -> TextPair:
    """Cut a Spanish text at its sentences and its English translation at its lines."""
    return TextPair(
        _side(source, sentence_spans(source), "es"), _side(target, line_spans(target), "en")
    )


def _side(text: str, sentences: Sequence[Span], language: str) -> Side:
    words = (words_of(text[s.start : s.end], language, s.start) for s in sentences)
    return Side(tuple(sentences), tuple(tuple(found) for found in words))


def align_pairs(pairs: Sequence[TextPair]) -> list[list[BeadWords]]:
    """Align the sentences of each pair, first by cognates, then by IBM model 1.

    The pairs together teach the lexicon, so more of them align better.
    """
    vocabulary = _key_vocabulary(pairs)
    first = [_align_by_cognates(pair, vocabulary) for pair in pairs]
    return _align_by_lexicon(pairs, first)


def _key_vocabulary(pairs: Sequence[TextPair]) -> Vocabulary:
    return Vocabulary([[word.key for word in pair.target.all_words()] for pair in pairs])


def _align_by_cognates(pair: TextPair, vocabulary: Vocabulary) -> list[BeadWords]:
    source = [word.key for word in pair.source.all_words()]
    target = [word.key for word in pair.target.all_words()]
    unigram = vocabulary.unigram[vocabulary.encode(target)]
    return _beads(pair, cognate_matrix(source, target), unigram, lexicon=False)


def _align_by_lexicon(
    pairs: Sequence[TextPair], first: Sequence[Sequence[BeadWords]]
) -> list[list[BeadWords]]:
    source = Vocabulary([[word.stem for word in pair.source.all_words()] for pair in pairs])
    target = Vocabulary([[word.stem for word in pair.target.all_words()] for pair in pairs])
    examples = [
        (source.encode([w.stem for w in bead.source]), target.encode([w.stem for w in bead.target]))
        for beads in first
        for bead in beads
        if bead.source and bead.target
    ]
    table = ibm1(examples, len(target), len(source))
    aligned = []
    for pair in pairs:
        rows = target.encode([word.stem for word in pair.target.all_words()])
        columns = source.encode([word.stem for word in pair.source.all_words()])
        weights = table[rows][:, columns].toarray()
        aligned.append(_beads(pair, weights, target.unigram[rows], lexicon=True))
    return aligned


def _beads(pair: TextPair, weights: Floats, unigram: Floats, *, lexicon: bool) -> list[BeadWords]:
    if not pair.source.sentences or not pair.target.sentences:
        return []
    gains = run_gains(weights, unigram, pair.source.starts, pair.target.starts, lexicon=lexicon)
    found: list[Bead] = align_sentences(pair.source.lengths, pair.target.lengths, gains)
    return [
        BeadWords(
            tuple(pair.source.all_words(bead.source)), tuple(pair.target.all_words(bead.target))
        )
        for bead in found
    ]
