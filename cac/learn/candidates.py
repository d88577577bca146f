"""Candidates: a place in the note with a code that it may stand for, and the terms that say so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cac.coding import Code, Mention
from cac.learn.finder import Found, TermFinder
from cac.learn.matching import Match
from cac.learn.official import PARENT, REDUCED, SOURCES, UNSPECIFIED
from cac.learn.procedures import ACT
from cac.learn.similar import Likeness
from cac.learn.terms import Term, extent_of
from cac.learn.words import NoteWords
from cac.note import Span

Block = tuple[float, ...]

_TERM = (
    "n_code",
    "n_term",
    "share",
    "n_codes",
    "coded_here",
    "seen_here",
    "ratio_here",
    "coded",
    "seen",
    "standing",
    "gap",
    "known_order",
    "n_words",
)
_LIKE = (
    "score",
    "shortened",
    "n_inexact",
    "pivot",
    "prefix",
    "spelling",
    "keeping",
    "n_keeping",
    "dropped_notes",
)
_OFFICIAL = (
    "score",
    "chance",
    "least_chance",
    "gap",
    "n_codes",
    *SOURCES,
    "unspecified",
    "parent",
    "reduced",
    "n_symbols",
    "n_words",
    "rarest_in_terms",
    "rarest_in_notes",
    "commonest_in_notes",
)
EXACT_NAMES = ("exact_score", *(f"exact_{name}" for name in _TERM))
LIKE_NAMES = tuple(f"like_{name}" for name in (*_LIKE, *_TERM))
OFFICIAL_NAMES = tuple(f"official_{name}" for name in _OFFICIAL)
_COMPOSED = (
    "score",
    "act_chance",
    "site_share",
    "n_site",
    "gap",
    "n_words",
    "suffix_share",
    "prefix_notes",
    "n_prefixes",
    "one_sentence",
)
COMPOSED_NAMES = tuple(f"composed_{name}" for name in _COMPOSED)
EXTRA_NAMES = ("extra_weight", "extra_rank", "extra_n_candidates")
_ALIKE = Likeness(1.0, 1.0, 1.0)
_OFFICIAL_TRUST = 0.1
_COMPOSED_TRUST = 0.3
_LEAST_COMPOSED = 0.03


@dataclass(slots=True, eq=False)
class Candidate:
    """A code at a place; each block holds the best term of its kind, empty where there is none.

    ``words`` are the positions of the words matched; ``n_like`` and ``like_sum`` count the
    further terms like those of the note.
    """

    start: int
    end: int
    code: Code
    words: tuple[int, ...]
    exact: Block = ()
    like: Block = ()
    official: Block = ()
    composed: Block = ()
    extra: Block = ()
    n_like: int = 0
    like_sum: float = 0.0
    spans: tuple[Span, ...] = field(default=())

    @property
    def ratio_here(self) -> float:
        """How often the term, standing so, was evidence; 0 where it was never seen."""
        return self.exact[7] if self.exact else 0.0

    @property
    def exact_score(self) -> float:
        """How often the term was evidence of this code."""
        return self.exact[0] if self.exact else 0.0

    @property
    def n_symbols(self) -> float:
        """How many symbols the official term has; 0 where there is none."""
        return self.official[_OFFICIAL.index("n_symbols")] if self.official else 0.0

    @property
    def score(self) -> float:
        """A first guess from counts alone, to compare candidates of one note."""
        like = self.like[0] if self.like else 0.0
        official = self.official[0] * _OFFICIAL_TRUST if self.official else 0.0
        composed = self.composed[0] * _COMPOSED_TRUST if self.composed else 0.0
        extra = self.extra[0] if self.extra else 0.0
        return max(self.exact_score, like, official, composed, extra)


class CandidateBuilder:
    """Turns what was found in one note into candidates."""

    def __init__(self, finder: TermFinder, words: NoteWords) -> None:
        self._finder, self._words = finder, words
        self._by_place: dict[tuple[int, int, Code], Candidate] = {}

    def build(self, found: Found, extra: Sequence[Mention] = ()) -> list[Candidate]:
        """Return the candidates in order of their place, the longer first."""
        for match in found.learned:
            if match.key in self._finder.table.terms:
                self._add_learned(match)
            else:
                self._add_shortened(match)
        for match in found.official:
            self._add_official(match)
        for match in found.composed:
            self._add_composed(match)
        for mention in extra:
            self._add_extra(mention)
        return sorted(self._by_place.values(), key=lambda c: (c.start, -c.end, c.code))

    def _at(self, place: tuple[int, int], code: Code, words: tuple[int, ...]) -> Candidate:
        return self._by_place.setdefault((*place, code), Candidate(*place, code, words))

    def _add_learned(self, match: Match) -> None:
        term = self._finder.table.terms[match.key]
        inexact = match.inexact
        standing, known = self._finder.table.standing(match, self._words)
        place = extent_of(match, self._words)
        for code, block in self._term_blocks(match, term, standing, known, exact=not inexact):
            candidate = self._at(place, code, match.positions)
            score = block[6] * block[2]
            if not inexact:
                if score > candidate.exact_score or not candidate.exact:
                    candidate.exact = (score, *block)
            else:
                _keep_like(candidate, (*self._exchange(match, score), *block))

    def _term_blocks(
        self, match: Match, term: Term, standing: int, known: bool, *, exact: bool
    ) -> Iterator[tuple[Code, Block]]:
        total = sum(term.codes.values())
        ratio = term.ratio(standing if exact else None)
        for code, n in term.codes.items():
            yield (
                code,
                (
                    n,
                    total,
                    n / total,
                    len(term.codes),
                    term.coded[standing],
                    term.seen[standing],
                    ratio,
                    sum(term.coded),
                    sum(term.seen),
                    standing,
                    match.gap,
                    known,
                    len(match.key),
                ),
            )

    def _exchange(self, match: Match, score: float) -> Block:
        like = _least_alike(match)
        tallies = [self._finder.edits.exchange(s, sense.stem) for s, sense in match.inexact]
        keeping = min(tally.keeping() for tally in tallies)
        score *= 0.5 * max(3 * like.pivot, like.prefix, like.spelling)
        n = sum(tally.n for tally in tallies)
        return (score, 0, len(tallies), like.pivot, like.prefix, like.spelling, keeping, n, 0)

    def _add_shortened(self, match: Match) -> None:
        like, n_inexact = _least_alike(match), len(match.inexact)
        standing, known = self._finder.table.standing(match, self._words)
        place = extent_of(match, self._words)
        for key, dropped in self._finder.edits.shortened[match.key]:
            tally = self._finder.edits.drop(dropped)
            notes = self._finder.table.word_notes[dropped]
            term = self._finder.table.terms[key]
            trust = 0.5 * tally.keeping() * (0.5 if n_inexact else 1.0)
            how = (1, n_inexact, like.pivot, like.prefix, like.spelling, tally.keeping(), tally.n)
            for code, block in self._term_blocks(match, term, standing, known, exact=False):
                candidate = self._at(place, code, match.positions)
                _keep_like(candidate, (block[6] * block[2] * trust, *how, notes, *block))

    def _add_official(self, match: Match) -> None:
        codes = self._finder.official.terms[match.key]
        chances = [sense.weight for _, sense in match.senses]
        in_notes = [self._finder.symbol_notes.get(symbol, 0) for symbol in match.key]
        rarest = min(self._finder.symbol_terms[symbol] for symbol in match.key)
        score = math.prod(chances) * 0.7**match.gap / math.sqrt(len(codes))
        place = extent_of(match, self._words)
        for code, letters in codes.items():
            candidate = self._at(place, code, match.positions)
            if not candidate.official or score > candidate.official[0]:
                candidate.official = (
                    score,
                    math.prod(chances),
                    min(chances),
                    match.gap,
                    len(codes),
                    *(letter in letters for letter in SOURCES.values()),
                    UNSPECIFIED in letters,
                    PARENT in letters,
                    REDUCED in letters,
                    len(match.key),
                    len(match.positions),
                    rarest,
                    min(in_notes),
                    max(in_notes),
                )

    def _add_composed(self, match: Match) -> None:
        grammar = self._finder.grammar
        prefixes = grammar.prefixes[match.key]
        total = sum(prefixes.values())
        chance = math.prod(sense.weight for _, sense in match.senses)
        positions = self._whole_act(match)
        words = self._words.words
        place = (words[positions[0]].start, words[positions[-1]].end)
        for prefix, n in prefixes.items():
            notes = self._finder.prefix_notes.get(prefix, 0)
            for code, share in grammar.codes(prefix):
                site_share = (n + 0.2) / (total + 0.5)
                score = chance * site_share * share * 0.9 ** min(match.gap, 15)
                if score < _LEAST_COMPOSED:
                    continue
                candidate = self._at(place, code, positions)
                if not candidate.composed or score > candidate.composed[0]:
                    candidate.composed = (
                        score,
                        chance,
                        site_share,
                        n,
                        match.gap,
                        len(match.key),
                        share,
                        notes,
                        len(prefixes),
                        words[positions[0]].sentence == words[positions[-1]].sentence,
                    )

    def _whole_act(self, match: Match) -> tuple[int, ...]:
        """Return the positions with the neighbours that name the same act ("axial" in CT)."""
        acts, words = self._finder.grammar.acts, self._words.words
        act = next(symbol for symbol in match.key if symbol.startswith(ACT))
        positions = set(match.positions)
        at = next(p for p in match.positions if act in acts.get(words[p].stem, {}))
        for step in (-1, 1):
            other = at + step
            while (
                0 <= other < len(words)
                and words[other].sentence == words[at].sentence
                and act in acts.get(words[other].stem, {})
            ):
                positions.add(other)
                other += step
        return tuple(sorted(positions))

    def _add_extra(self, mention: Mention) -> None:
        words = tuple(self._words.inside(mention.spans))
        place = (mention.extent.start, mention.extent.end)
        for rank, found in enumerate(mention.candidates) if words else ():
            candidate = self._at(place, found.code, words)
            if not candidate.extra or found.weight > candidate.extra[0]:
                candidate.extra = (found.weight, rank, len(mention.candidates))


def _keep_like(candidate: Candidate, block: Block) -> None:
    candidate.n_like += 1
    candidate.like_sum += block[0]
    if not candidate.like or block[0] > candidate.like[0]:
        candidate.like = block


def _least_alike(match: Match) -> Likeness:
    found = [sense.likeness for _, sense in match.senses if sense.likeness]
    if not found:
        return _ALIKE
    return Likeness(
        min(like.pivot for like in found),
        min(like.prefix for like in found),
        min(like.spelling for like in found),
    )
