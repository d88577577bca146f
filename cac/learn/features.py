"""Features of a candidate among the others of its note, by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from cac.coding import Code
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
from cac.learn.places import PLACE_NAMES, SAME_NAMES, Places, is_procedure
from cac.learn.words import NoteWords, Word
from cac.note import AnnotatedNote, Assertion, Span

#: The feature that tells procedures from diagnoses, which are weighed apart.
KIND = "is_procedure"
_STATES = tuple(a for a in Assertion if a is not Assertion.PRESENT)
_OWN_NAMES = (
    "n_like",
    "like_sum",
    "score",
    KIND,
    "n_words_matched",
    "n_characters",
    "title_size",
    "title_in_sentence",
    "title_in_note",
)
_NOTE_NAMES = (
    "n_of_code",
    "best_of_code",
    "best_exact_of_code",
    "best_of_category",
    "code_notes",
    "category_notes",
    "chapter",
    "code_length",
)
_WORDING_NAMES = (
    *(f"is_{state.value.lower()}" for state in _STATES),
    "place_in_note",
    "n_note_words",
    "before_comma",
    "before_stop",
    "before_bracket",
    "after_bracket",
    "rarest_word",
    "commonest_word",
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
    *_OWN_NAMES,
    *PLACE_NAMES,
    *SAME_NAMES,
    *_NOTE_NAMES,
    *_WORDING_NAMES,
)
_UNKNOWN_WORD = 0.2


def features(
    finder: TermFinder,
    source: AnnotatedNote,
    words: NoteWords,
    found: Found,
    candidates: Sequence[Candidate],
) -> list[Block]:
    """Return a row a candidate, in the order of `FEATURE_NAMES`."""
    if not candidates:
        return []
    context = _Context(finder, source, words, found, candidates)
    return [
        (
            *(candidate.exact or (0.0,) * len(EXACT_NAMES)),
            *(candidate.like or (0.0,) * len(LIKE_NAMES)),
            *(candidate.official or (0.0,) * len(OFFICIAL_NAMES)),
            *(candidate.composed or (0.0,) * len(COMPOSED_NAMES)),
            *(candidate.extra or (0.0,) * len(EXTRA_NAMES)),
            *context.of_candidate(candidate),
            *context.places.of(candidate),
            *context.of_note(candidate),
        )
        for candidate in candidates
    ]


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
        self.places = Places(candidates)
        self._n: Counter[Code] = Counter()
        self._best: dict[Code, float] = defaultdict(float)
        self._best_exact: dict[Code, float] = defaultdict(float)
        self._categories: dict[str, dict[str, float]] = defaultdict(dict)
        self._wordings: dict[tuple[int, ...], Block] = {}
        for candidate in candidates:
            self._add(candidate)

    def _add(self, candidate: Candidate) -> None:
        code, score = candidate.code, candidate.score
        self._n[code] += 1
        self._best[code] = max(self._best[code], score)
        self._best_exact[code] = max(self._best_exact[code], candidate.exact_score)
        category = self._categories[code.value[:3]]
        category[code.value] = max(category.get(code.value, 0.0), score)

    def of_candidate(self, candidate: Candidate) -> Block:
        """Return what stands in the candidate itself, and how far its code's title is written."""
        return (
            candidate.n_like,
            candidate.like_sum,
            candidate.score,
            is_procedure(candidate.code),
            len(candidate.words),
            candidate.end - candidate.start,
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

    def of_note(self, candidate: Candidate) -> Block:
        """Return what the text and the counts say of the candidate."""
        code = candidate.code
        siblings = self._categories[code.value[:3]]
        if candidate.words not in self._wordings:
            self._wordings[candidate.words] = self._wording(candidate)
        return (
            self._n[code],
            self._best[code],
            self._best_exact[code],
            max((s for other, s in siblings.items() if other != code.value), default=0.0),
            self._table.code_notes.get(code, 0),
            self._category_notes.get(code.value[:3], 0),
            ord(code.value[0]),
            len(code.value),
            *self._wordings[candidate.words],
        )

    def _wording(self, candidate: Candidate) -> Block:
        """Return what the words matched, and those around them, say of any code."""
        text, matched = self._words.text, [self._words.words[p] for p in candidate.words]
        coded = [self._table.word_coded.get(word.stem, _UNKNOWN_WORD) for word in matched]
        notes = [self._table.word_notes.get(word.stem, 0) for word in matched]
        after, before = text[candidate.end : candidate.end + 1], text[max(candidate.start - 1, 0)]
        states = self._source.assertions_of(Span(matched[0].start, matched[0].end))
        return (
            *(state in states for state in _STATES),
            matched[0].index / self._words.n_words,
            self._words.n_words,
            after in (",", ";"),
            after == ".",
            after == "(",
            before == "(",
            min(notes),
            max(notes),
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
