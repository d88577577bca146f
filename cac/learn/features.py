"""Features of a candidate among the others of its note, by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from cac.coding import Code, CodeSystem
from cac.learn.candidates import (
    COMPOSED_NAMES,
    EXACT_NAMES,
    EXTRA_NAMES,
    LIKE_NAMES,
    OFFICIAL_NAMES,
    Block,
    Candidate,
)
from cac.learn.finder import Found, TermFinder
from cac.learn.words import NoteWords, Word
from cac.note import AnnotatedNote, Assertion, Span

_STATES = tuple(a for a in Assertion if a is not Assertion.PRESENT)
_PLACE_NAMES = (
    "n_like",
    "like_sum",
    "score",
    "is_procedure",
    "n_words_matched",
    "n_characters",
    "over_exact",
    "over_score",
    "n_over",
    "same_code_over",
    "under_exact",
    "under_score",
    "n_under",
    "same_category_under",
    "crossing_exact",
    "here_exact",
    "here_score",
    "n_codes_here",
    "official_over",
    "official_here",
    "n_official_here",
    "title_size",
    "title_in_sentence",
    "title_in_note",
)
_NOTE_NAMES = (
    *(f"is_{state.value.lower()}" for state in _STATES),
    "place_in_note",
    "n_note_words",
    "n_of_code",
    "best_of_code",
    "best_exact_of_code",
    "best_of_category",
    "code_notes",
    "category_notes",
    "before_comma",
    "before_stop",
    "before_bracket",
    "after_bracket",
    "rarest_word",
    "commonest_word",
    "chapter",
    "code_length",
    "mean_word_coded",
    "least_word_coded",
    "most_word_coded",
    "first_joined_before",
    "last_joined_after",
    "next_joined_before",
    "next_coded",
    "next_distance",
    "previous_joined_after",
    "previous_coded",
    "previous_distance",
)
FEATURE_NAMES = (
    *EXACT_NAMES,
    *LIKE_NAMES,
    *OFFICIAL_NAMES,
    *COMPOSED_NAMES,
    *EXTRA_NAMES,
    *_PLACE_NAMES,
    *_NOTE_NAMES,
)
_UNKNOWN_WORD = 0.2


@dataclass(slots=True)
class _Place:
    """What the candidates of one extent and one kind of code have in common."""

    exact: float = 0.0
    score: float = 0.0
    codes: set[Code] = field(default_factory=set)
    official: float = 0.0
    n_official: int = 0

    def add(self, candidate: Candidate) -> None:
        """Count a candidate."""
        self.exact = max(self.exact, candidate.ratio_here)
        self.score = max(self.score, candidate.score)
        self.codes.add(candidate.code)
        if candidate.official:
            self.official = max(self.official, candidate.n_symbols)
            self.n_official += 1


_Neighbours = tuple[list[_Place], list[_Place], list[_Place]]


def features(
    finder: TermFinder,
    source: AnnotatedNote,
    words: NoteWords,
    found: Found,
    candidates: Sequence[Candidate],
) -> list[Block]:
    """Return a row a candidate, in the order of `FEATURE_NAMES`."""
    context = _Context(finder, source, words, found, candidates)
    return [
        (
            *(candidate.exact or (0.0,) * len(EXACT_NAMES)),
            *(candidate.like or (0.0,) * len(LIKE_NAMES)),
            *(candidate.official or (0.0,) * len(OFFICIAL_NAMES)),
            *(candidate.composed or (0.0,) * len(COMPOSED_NAMES)),
            *(candidate.extra or (0.0,) * len(EXTRA_NAMES)),
            *context.of_place(candidate),
            *context.of_note(candidate),
        )
        for candidate in candidates
    ]


def is_procedure(code: Code) -> bool:
    """Tell procedures from diagnoses; the two are annotated separately, one over the other."""
    return code.system is not CodeSystem.ICD10CM and code.system is not CodeSystem.ICD9CM


class _Context:
    """The candidates of a note by place, code and category."""

    def __init__(
        self,
        finder: TermFinder,
        source: AnnotatedNote,
        words: NoteWords,
        found: Found,
        candidates: Sequence[Candidate],
    ) -> None:
        self._table, self._source, self._words = finder.table, source, words
        self._category_notes = finder.category_notes
        self._titles, self._sentences = finder.titles, found.sentences
        self._places: dict[tuple[int, int, bool], _Place] = defaultdict(_Place)
        self._n: Counter[Code] = Counter()
        self._best: dict[Code, float] = defaultdict(float)
        self._best_exact: dict[Code, float] = defaultdict(float)
        self._categories: dict[str, dict[Code, float]] = defaultdict(dict)
        self._assertions: dict[tuple[int, int], frozenset[Assertion]] = {}
        self._near: dict[tuple[int, int, bool], _Neighbours] = {}
        for candidate in candidates:
            self._add(candidate)

    def _add(self, candidate: Candidate) -> None:
        code, score = candidate.code, candidate.score
        self._places[candidate.start, candidate.end, is_procedure(code)].add(candidate)
        self._n[code] += 1
        self._best[code] = max(self._best[code], score)
        self._best_exact[code] = max(self._best_exact[code], candidate.exact_score)
        category = self._categories[code.value[:3]]
        category[code] = max(category.get(code, 0.0), score)

    def of_place(self, candidate: Candidate) -> Block:
        """Return how the candidate stands among those that cover, lie in or cross it."""
        start, end, kind = candidate.start, candidate.end, is_procedure(candidate.code)
        here = self._places[start, end, kind]
        if (start, end, kind) not in self._near:
            self._near[start, end, kind] = self._neighbours(start, end, kind)
        over, under, crossing = self._near[start, end, kind]
        return (
            candidate.n_like,
            candidate.like_sum,
            candidate.score,
            kind,
            len(candidate.words),
            end - start,
            max((p.exact for p in over), default=0.0),
            max((p.score for p in over), default=0.0),
            len(over),
            any(candidate.code in p.codes for p in over),
            max((p.exact for p in under), default=0.0),
            max((p.score for p in under), default=0.0),
            len(under),
            any(candidate.code in p.codes for p in under),
            max((p.exact for p in crossing), default=0.0),
            here.exact,
            here.score,
            len(here.codes),
            max((p.official for p in over), default=0.0),
            here.official,
            here.n_official,
            *self._title(candidate),
        )

    def _title(self, candidate: Candidate) -> Block:
        """Return how much of the code's title the sentence and the note hold."""
        title = self._titles.get(candidate.code, ())
        if not title:
            return (0, -1, -1)
        sentence = self._words.words[candidate.words[0]].sentence
        near = sum(sentence in self._sentences.get(symbol, ()) for symbol in title)
        anywhere = sum(symbol in self._sentences for symbol in title)
        return (len(title), near / len(title), anywhere / len(title))

    def _neighbours(self, start: int, end: int, kind: bool) -> _Neighbours:
        over: list[_Place] = []
        under: list[_Place] = []
        crossing: list[_Place] = []
        for (a, b, other), place in self._places.items():
            if b <= start or end <= a or other != kind or (a == start and b == end):
                continue
            if a <= start and end <= b:
                over.append(place)
            elif start <= a and b <= end:
                under.append(place)
            else:
                crossing.append(place)
        return over, under, crossing

    def of_note(self, candidate: Candidate) -> Block:
        """Return what the text and the counts say of the candidate."""
        text, code = self._words.text, candidate.code
        matched = [self._words.words[position] for position in candidate.words]
        coded = [self._table.word_coded.get(word.stem, _UNKNOWN_WORD) for word in matched]
        notes = [self._table.word_notes.get(word.stem, 0) for word in matched]
        after, before = text[candidate.end : candidate.end + 1], text[max(candidate.start - 1, 0)]
        states = self._states(candidate)
        siblings = self._categories[code.value[:3]]
        return (
            *(state in states for state in _STATES),
            matched[0].index / self._words.n_words,
            self._words.n_words,
            self._n[code],
            self._best[code],
            self._best_exact[code],
            max((s for other, s in siblings.items() if other != code), default=0.0),
            self._table.code_notes.get(code, 0),
            self._category_notes.get(code.value[:3], 0),
            after in (",", ";"),
            after == ".",
            after == "(",
            before == "(",
            min(notes),
            max(notes),
            ord(code.value[0]),
            len(code.value),
            sum(coded) / len(coded),
            min(coded),
            max(coded),
            *self._joints(candidate),
        )

    def _joints(self, candidate: Candidate) -> Block:
        """Return how the words at both ends use to be coded with their neighbours."""
        words, table = self._words.words, self._table
        first, last = words[candidate.words[0]], words[candidate.words[-1]]
        following = self._neighbour(last, candidate.words[-1] + 1)
        previous = self._neighbour(first, candidate.words[0] - 1)
        return (
            table.joined_before.get(first.stem, 0.0),
            table.joined_after.get(last.stem, 0.0),
            table.joined_before.get(following.stem, 0.1) if following else -1.0,
            table.word_coded.get(following.stem, _UNKNOWN_WORD) if following else -1.0,
            following.start - last.end if following else -1.0,
            table.joined_after.get(previous.stem, 0.1) if previous else -1.0,
            table.word_coded.get(previous.stem, _UNKNOWN_WORD) if previous else -1.0,
            first.start - previous.end if previous else -1.0,
        )

    def _neighbour(self, word: Word, position: int) -> Word | None:
        words = self._words.words
        if 0 <= position < len(words) and words[position].sentence == word.sentence:
            return words[position]
        return None

    def _states(self, candidate: Candidate) -> frozenset[Assertion]:
        place = (candidate.start, candidate.end)
        if place not in self._assertions:
            first = self._words.words[candidate.words[0]]
            found = self._source.assertions_of(Span(first.start, first.end))
            self._assertions[place] = frozenset(found)
        return self._assertions[place]
