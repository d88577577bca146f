"""Translation probabilities of words: from cognates at first, then from IBM model 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_COGNATE_WEIGHT = 0.4
_LEXICON_WEIGHT = 0.9
_MAX_RUN = 3


class Vocabulary:
    """Numbers for the strings seen at least twice; the others share number 0."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        counts = Counter(word for text in texts for word in text)
        kept = sorted(word for word, n in counts.items() if n > 1)
        self._numbers = {word: number for number, word in enumerate(kept, start=1)}
        n_words = sum(counts.values())
        frequencies = [n_words - sum(counts[w] for w in kept), *(counts[w] for w in kept)]
        #: Unigram probability by number; shape (n_numbers,).
        self.unigram: Floats = (np.array(frequencies, dtype=np.float64) + 1) / (n_words + 1)

    def __len__(self) -> int:
        return len(self.unigram)

    def encode(self, words: Sequence[str]) -> Ints:
        """Return the words' numbers; shape (n_words,)."""
        return np.array([self._numbers.get(word, 0) for word in words], dtype=np.int64)


def cognate_matrix(source_keys: Sequence[str], target_keys: Sequence[str]) -> Floats:
    """Return 1 where the keys agree; shape (n_target, n_source)."""
    source, target = np.array(source_keys, dtype=object), np.array(target_keys, dtype=object)
    return np.asarray(target[:, None] == source[None, :], dtype=np.float64)


def run_gains(
    weights: Floats, unigram: Floats, source_starts: Ints, target_starts: Ints, *, lexicon: bool
) -> Floats:
    """Return the log-likelihood gain of each target sentence beside each run of source sentences.

    Args:
        weights: shape (n_target_words, n_source_words), probabilities or 0/1 marks.
        unigram: shape (n_target_words,), probability of each word by itself.
        source_starts: index of the first word of each source sentence.
        target_starts: the same for the target.
        lexicon: whether ``weights`` come from the lexicon rather than from cognates.

    Returns:
        Shape (4, n_target_sentences, n_source_sentences); index 0 of the first axis is unused.
    """
    mixed = _LEXICON_WEIGHT if lexicon else _COGNATE_WEIGHT
    by_sentence = _sums(weights, source_starts, axis=1)
    lengths = np.diff(np.append(source_starts, weights.shape[1])).astype(np.float64)
    gains = np.zeros((_MAX_RUN + 1, len(target_starts), len(source_starts)))
    for run in range(1, _MAX_RUN + 1):
        n_words = _window_sums(lengths[None, :], run)
        mean = _window_sums(by_sentence, run) / (n_words + 1)
        likelihood = mixed * mean + (1 - mixed) * unigram[:, None]
        gains[run] = _sums(np.log(likelihood / unigram[:, None]), target_starts, axis=0)
    return gains


def _sums(values: Floats, starts: Ints, axis: int) -> Floats:
    """Sum over runs that begin at ``starts``; a run may be empty."""
    padding = [(0, 0), (0, 0)]
    padding[axis] = (1, 0)
    cumulated = np.pad(values, padding).cumsum(axis=axis)
    ends = np.append(starts[1:], values.shape[axis])
    return np.asarray(cumulated.take(ends, axis=axis) - cumulated.take(starts, axis=axis))


def _window_sums(values: Floats, run: int) -> Floats:
    """Sum each column with the ``run - 1`` after it, as far as there are any."""
    total = values.copy()
    for shift in range(1, run):
        total[:, :-shift] += values[:, shift:]
    return total


def ibm1(
    pairs: Sequence[tuple[Ints, Ints]], n_target: int, n_source: int, n_iterations: int = 5
) -> sparse.csr_matrix:
    """Estimate t(target | source) by expectation-maximization (Brown et al. 1993).

    Args:
        pairs: (source numbers, target numbers) of each pair of sentences.
        n_target: size of the target vocabulary.
        n_source: size of the source vocabulary; number ``n_source`` stands for the empty word.
        n_iterations: rounds of EM.

    Returns:
        Shape (n_target, n_source + 1), columns summing to 1 where the source word was seen.
    """
    cells, token, n_tokens = _cooccurrences(pairs, n_source)
    kept, cell = np.unique(cells, return_inverse=True)
    source = kept % (n_source + 1)
    probability = np.full(len(kept), 1.0)
    for _ in range(n_iterations):
        weight = probability[cell]
        weight /= np.bincount(token, weights=weight, minlength=n_tokens)[token]
        counts = np.bincount(cell, weights=weight, minlength=len(kept))
        probability = counts / np.bincount(source, weights=counts, minlength=n_source + 1)[source]
    shape = (n_target, n_source + 1)
    return sparse.csr_matrix((probability, (kept // (n_source + 1), source)), shape=shape)


def _cooccurrences(pairs: Sequence[tuple[Ints, Ints]], n_source: int) -> tuple[Ints, Ints, int]:
    cells, tokens, n_tokens = [], [], 0
    for source, target in pairs:
        with_empty = np.append(source, n_source)
        cells.append((target[:, None] * (n_source + 1) + with_empty[None, :]).ravel())
        tokens.append(np.repeat(np.arange(n_tokens, n_tokens + len(target)), len(with_empty)))
        n_tokens += len(target)
    return np.concatenate(cells), np.concatenate(tokens), n_tokens
