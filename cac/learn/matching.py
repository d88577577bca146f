"""Finding terms in a note: words in any order, close together, in one sentence, in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cac.learn.similar import Likeness
from cac.learn.words import NoteWords, Word

Key = tuple[str, ...]
_INEXACT_COST = 6


@dataclass(frozen=True, slots=True)
class Sense:
    """How a word of the note stands for a symbol of a term.

    ``likeness`` is None where the word is the symbol itself; ``weight`` is the chance that the
    word means it (1 for learnt terms; the translation's chance for official ones).
    """

    weight: float = 1.0
    likeness: Likeness | None = None
    stem: str = ""


EXACT = Sense()
#: Symbol -> position of a content word -> how that word stands for it.
View = Mapping[str, Mapping[int, Sense]]


@dataclass(frozen=True, slots=True)
class Match:
    """A term found: the positions of its words, the words in between, how each was met."""

    key: Key
    positions: tuple[int, ...]
    senses: tuple[tuple[str, Sense], ...]

    @property
    def gap(self) -> int:
        """How many other content words stand between the first and the last."""
        return self.positions[-1] - self.positions[0] + 1 - len(self.positions)

    @property
    def inexact(self) -> tuple[tuple[str, Sense], ...]:
        """The symbols that another stem stands for, with how."""
        return tuple((symbol, sense) for symbol, sense in self.senses if sense.likeness)


@dataclass(frozen=True, slots=True)
class Rule:
    """How far words of a term may stand apart, and how many may be inexact.

    ``reuse`` lets one word stand for two symbols ("nephropathy" for "kidney" and "disease");
    ``across`` lets the words stand in several sentences.
    """

    max_gap: int = 6
    reuse: bool = False
    across: bool = False
    n_inexact_short: int = 1
    n_inexact_long: int = 2
    n_words_long: int = 4

    def max_inexact(self, key: Key) -> int:
        """Return how many words of a term may be inexact."""
        return self.n_inexact_short if len(key) < self.n_words_long else self.n_inexact_long


class TermIndex:
    """Terms by their rarest symbol, so that a note asks only for terms that it may hold."""

    def __init__(self, keys: Iterable[Key], frequency: Mapping[str, int], rule: Rule) -> None:
        self._rule = rule
        self._by_anchor: dict[str, list[tuple[Key, Key]]] = defaultdict(list)
        for key in keys:
            anchor = min(range(len(key)), key=lambda i: (frequency.get(key[i], 0), key[i]))
            rest = key[:anchor] + key[anchor + 1 :]
            self._by_anchor[key[anchor]].append((key, rest))

    def find(self, view: View, words: Sequence[Word]) -> Iterator[Match]:
        """Yield each term once at each place, the reading with the fewest inexact words."""
        found: dict[tuple[Key, int, int], Match] = {}
        holds = frozenset(view).issuperset
        for anchor in view:
            for key, rest in self._by_anchor.get(anchor, ()):
                if holds(rest):
                    for match in self._places(key, rest, anchor, view, words):
                        place = (key, match.positions[0], match.positions[-1])
                        known = found.get(place)
                        if known is None or len(match.inexact) < len(known.inexact):
                            found[place] = match
        yield from found.values()

    def _places(
        self, key: Key, rest: Key, anchor: str, view: View, words: Sequence[Word]
    ) -> Iterator[Match]:
        for start, sense in view[anchor].items():
            match = self._place(key, rest, (anchor, start, sense), view, words)
            if match:
                yield match

    def _place(
        self,
        key: Key,
        rest: Sequence[str],
        anchored: tuple[str, int, Sense],
        view: View,
        words: Sequence[Word],
    ) -> Match | None:
        anchor, start, sense = anchored
        senses, taken = [(anchor, sense)], {start}
        n_inexact, allowed = int(sense.likeness is not None), self._rule.max_inexact(key)
        for symbol in rest:
            used = () if self._rule.reuse else taken
            sentence = None if self._rule.across else words[start].sentence
            nearest = _nearest(view[symbol], start, words, used, sentence)
            if nearest is None:
                return None
            position, sense = nearest
            n_inexact += sense.likeness is not None
            taken.add(position)
            senses.append((symbol, sense))
            if n_inexact > allowed:
                return None
        positions = tuple(sorted(taken))
        if positions[-1] - positions[0] + 1 - len(positions) > self._rule.max_gap:
            return None
        return Match(key, positions, tuple(senses))


def _nearest(
    places: Mapping[int, Sense],
    start: int,
    words: Sequence[Word],
    used: Iterable[int],
    sentence: int | None,
) -> tuple[int, Sense] | None:
    best, least = None, 0
    for position, sense in places.items():
        if position in used or (sentence is not None and words[position].sentence != sentence):
            continue
        distance = abs(position - start) + (_INEXACT_COST if sense.likeness else 0)
        if best is None or distance < least:
            best, least = (position, sense), distance
    return best


def exact_view(words: NoteWords) -> dict[str, dict[int, Sense]]:
    """Return each stem of the note with its positions."""
    view: dict[str, dict[int, Sense]] = defaultdict(dict)
    for position, word in enumerate(words.words):
        view[word.stem][position] = EXACT
    return view
