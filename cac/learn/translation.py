"""A word dictionary learnt from aligned sentences by IBM model 1 both ways."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

SentencePair = tuple[Sequence[str], Sequence[str]]
_N_ITERATIONS = 6
_MAX_STEMS = 80
_N_PIVOT_WORDS = 6
_WHOLE = (
    "itis",
    "osis",
    "iasis",
    "oma",
    "emia",
    "uria",
    "algia",
    "pathy",
    "penia",
    "ectomy",
    "megaly",
)


@dataclass(frozen=True, slots=True)
class Translation:
    """A stem of the other language, its chance given the word, and that of the word given it."""

    stem: str
    forward: float
    backward: float


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Stems of another language by stem of the language of the notes, the likeliest first."""

    entries: Mapping[str, tuple[Translation, ...]] = field(default_factory=dict)
    _sources: Mapping[str, list[tuple[str, Translation]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sources = defaultdict(list)
        for stem, translations in self.entries.items():
            for translation in translations:
                sources[translation.stem].append((stem, translation))
        object.__setattr__(self, "_sources", sources)

    def of(self, stem: str) -> tuple[Translation, ...]:
        """Return the translations of a stem."""
        return self.entries.get(stem, ())

    def pivots(self, stem: str) -> dict[str, float]:
        """Return the stems reached by way of the other language, with the chance of each."""
        chances: dict[str, float] = defaultdict(float)
        for there in self.of(stem)[:_N_PIVOT_WORDS]:
            for other, back in self._sources[there.stem]:
                chances[other] += there.forward * back.forward * back.backward
        chances.pop(stem, None)
        return dict(chances)

    def to_json(self) -> dict[str, list[list[Any]]]:
        """Return plain data for a bundle."""
        return {
            stem: [[t.stem, t.forward, t.backward] for t in translations]
            for stem, translations in sorted(self.entries.items())
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[Sequence[Any]]]) -> Dictionary:
        """Read what `to_json` wrote."""
        return cls({stem: tuple(Translation(*t) for t in found) for stem, found in data.items()})


@cache
def english_stem(word: str) -> str:
    """Return the stem of a folded English word; official terms are keyed by it.

    Snowball's, but names of diseases stay whole: "esophagitis" is not "esophagus".
    """
    if word.endswith(_WHOLE):
        return word
    return _english_stemmer().stemWord(word)  # type: ignore[no-any-return]


@cache
def _english_stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def learn_dictionary(pairs: Iterable[SentencePair]) -> Dictionary:
    """Learn from pairs of aligned sentences, each given as stems; empty for no pairs.

    A translation is kept where it is likely in one direction at least and not by chance.
    """
    import numpy as np

    kept = [pair for pair in pairs if all(0 < len(side) < _MAX_STEMS for side in pair)]
    source, target = _numbers(p[0] for p in kept), _numbers(p[1] for p in kept)
    if not source or not target:
        return Dictionary()
    links = _links(kept, source, target)
    forward = _expect(links.cell, links.cell_source, links.target_token, links.cell_target == 0)
    backward = _expect(links.cell, links.cell_target, links.source_token, links.cell_source == 0)
    real = (links.cell_source > 0) & (links.cell_target > 0)
    likely = real & (forward * backward > 0.002) & (np.maximum(forward, backward) > 0.08)
    sources, targets = list(source), list(target)
    found: dict[str, list[Translation]] = defaultdict(list)
    for cell in np.flatnonzero(likely).tolist():
        stem = sources[links.cell_source[cell] - 1]
        other = targets[links.cell_target[cell] - 1]
        chances = round(float(forward[cell]), 3), round(float(backward[cell]), 3)
        found[stem].append(Translation(other, *chances))
    return Dictionary({s: tuple(sorted(t, key=_likeliest_first)) for s, t in found.items()})


def _likeliest_first(translation: Translation) -> tuple[float, str]:
    return -translation.forward * translation.backward, translation.stem


def _numbers(sentences: Iterable[Sequence[str]]) -> dict[str, int]:
    """Number the stems of two sentences or more from 1; 0 is the empty word."""
    counts = Counter(stem for sentence in sentences for stem in set(sentence))
    kept = (stem for stem, n in counts.items() if n > 1)
    return {stem: number for number, stem in enumerate(kept, start=1)}


@dataclass(frozen=True, slots=True)
class _Links:
    """All links of a source and a target word within a pair; arrays of shape (n_links,).

    ``cell`` numbers the distinct pairs of stems, ``cell_source`` and ``cell_target`` are the
    stems of each; shape (n_cells,).
    """

    cell: Any
    cell_source: Any
    cell_target: Any
    source_token: Any
    target_token: Any


def _links(
    pairs: Sequence[SentencePair], source: Mapping[str, int], target: Mapping[str, int]
) -> _Links:
    import numpy as np

    stems, source_tokens, target_tokens = [], [], []
    n_source = n_target = 0
    for pair in pairs:
        s = np.array([0, *(source[w] for w in pair[0] if w in source)], dtype=np.int64)
        t = np.array([0, *(target[w] for w in pair[1] if w in target)], dtype=np.int64)
        stems.append((s[:, None] * (len(target) + 1) + t[None, :]).ravel())
        source_tokens.append(np.repeat(np.arange(n_source, n_source + len(s)), len(t)))
        target_tokens.append(np.tile(np.arange(n_target, n_target + len(t)), len(s)))
        n_source, n_target = n_source + len(s), n_target + len(t)
    cells, cell = np.unique(np.concatenate(stems), return_inverse=True)
    return _Links(
        cell.astype(np.int32),
        cells // (len(target) + 1),
        cells % (len(target) + 1),
        np.concatenate(source_tokens),
        np.concatenate(target_tokens),
    )


def _expect(cell: Any, given: Any, token: Any, empty: Any) -> Any:
    """Return the chance of each cell given its stem ``given``; shape (n_cells,)."""
    import numpy as np

    chance = 1.0 / np.bincount(given)[given]
    n_tokens = int(token.max()) + 1
    for _ in range(_N_ITERATIONS):
        weight = np.where(empty[cell], 0.0, chance[cell])
        total = np.bincount(token, weight, n_tokens)
        weight /= np.maximum(total[token], 1e-12)
        counts = np.bincount(cell, weight, len(given))
        chance = counts / np.maximum(np.bincount(given, counts)[given], 1e-12)
    return chance
