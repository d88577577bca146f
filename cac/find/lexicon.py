"""The compiled lexicon: which bags of words name which codes.

Terms are kept under their rarest word, so that one pass over the words of a sentence meets
each term that could be there, whatever the order in which its words are written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Term:
    """A bag of words that names a code.

    ``weight`` (0..1) is how surely the words alone mean the code; ``text`` is the official
    or open wording, shown to the coder as the reason.
    """

    required: frozenset[str]
    optional: frozenset[str]
    code: str
    source: str
    text: str
    weight: float


@dataclass(slots=True)
class Entry:
    """All terms of one bag of required words."""

    required: frozenset[str]
    terms: list[Term]


@dataclass(frozen=True)
class Lexicon:
    """Entries by anchor word, and the vocabulary."""

    by_anchor: Mapping[str, list[Entry]]
    frequency: Mapping[str, int]
    size: int = field(default=0)

    @classmethod
    def build(cls, terms: Iterable[Term]) -> Lexicon:
        """Group terms by their bags, and the bags by their rarest words."""
        bags: dict[frozenset[str], list[Term]] = defaultdict(list)
        for term in terms:
            bags[term.required].append(term)
        frequency = Counter(word for bag in bags for word in bag)
        by_anchor: dict[str, list[Entry]] = defaultdict(list)
        for bag, found in bags.items():
            anchor = min(bag, key=lambda word: (frequency[word], word))
            by_anchor[anchor].append(Entry(bag, _best_first(found)))
        return cls(dict(by_anchor), frequency, len(bags))

    def entries_within(self, words: set[str]) -> Iterable[Entry]:
        """Yield each entry all of whose words are among ``words``."""
        for word in words:
            for entry in self.by_anchor.get(word, ()):
                if entry.required <= words:
                    yield entry


def _best_first(terms: list[Term]) -> list[Term]:
    best: dict[str, Term] = {}
    for term in terms:
        kept = best.get(term.code)
        if kept is None or term.weight > kept.weight:
            best[term.code] = term
    return sorted(best.values(), key=lambda term: (-term.weight, term.code))
