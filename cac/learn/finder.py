"""All that a learnt model looks for in a note: terms as learnt, terms like them, official terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cac.coding import Code, CodeSystem
from cac.learn.cognates import Cognates
from cac.learn.edits import EditStatistics
from cac.learn.matching import EXACT, Key, Match, Rule, Sense, TermIndex, View
from cac.learn.official import ENGLISH, OfficialTerms, abbreviations
from cac.learn.procedures import PREFIX_LENGTH, ProcedureGrammar
from cac.learn.similar import SimilarStems
from cac.learn.terms import LEARNED_RULE, Annotated, TermTable
from cac.learn.translation import Dictionary, english_stem
from cac.learn.words import NoteWords

OFFICIAL_RULE = Rule(max_gap=3, reuse=True, n_inexact_short=0, n_inexact_long=0)
COMPOSED_RULE = Rule(max_gap=100, across=True, n_inexact_short=0, n_inexact_long=0)
_N_TRANSLATIONS = 5
_UNTRANSLATED = 0.7
_COGNATE = 0.8
_LEAST_SEEN = 4
_UNSPECIFIC = 300
_MOSTLY_LEFT_OUT = 0.35
_LEAST_CHANCE = 0.005


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one note; ``sentences`` are those that hold each official symbol."""

    learned: tuple[Match, ...]
    official: tuple[Match, ...]
    composed: tuple[Match, ...]
    sentences: Mapping[str, frozenset[int]]


@dataclass(slots=True)
class TermFinder:
    """Finds the terms of a table and the official terms, in one pass each over the words.

    ``symbol_notes`` counts the notes learnt from by the official symbols that their words mean.
    """

    table: TermTable
    official: OfficialTerms
    dictionary: Dictionary
    language: str
    edits: EditStatistics = field(init=False)
    grammar: ProcedureGrammar = field(init=False)
    category_notes: Mapping[str, int] = field(init=False)
    prefix_notes: Counter[str] = field(init=False)
    titles: Mapping[Code, Key] = field(init=False)
    symbol_notes: dict[str, int] = field(default_factory=dict)
    symbol_terms: dict[str, int] = field(init=False)
    _similar: SimilarStems = field(init=False)
    _learned_index: TermIndex = field(init=False)
    _official_index: TermIndex = field(init=False)
    _composed_index: TermIndex = field(init=False)
    _cognates: Cognates = field(init=False)
    _meanings: dict[str, dict[str, Sense]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.edits = EditStatistics(self.table)
        self.grammar = ProcedureGrammar.learn(self.table, self.official.sites)
        self.prefix_notes = _prefix_notes(self.table)
        self.category_notes = self.table.category_notes()
        vocabulary = {stem for key in self.table.terms for stem in key}
        self._similar = SimilarStems(vocabulary, self.dictionary)
        composed = self.grammar.prefixes
        self._composed_index = TermIndex(composed, self.table.word_notes, COMPOSED_RULE)
        keys = [*self.table.terms, *self.edits.shortened]
        self._learned_index = TermIndex(keys, self.table.word_notes, LEARNED_RULE)
        self.symbol_terms = self.official.symbol_counts()
        self._cognates = Cognates(
            symbol.removeprefix(ENGLISH) for symbol in self.symbol_terms if ENGLISH in symbol
        )
        self.titles = self.official.titles()
        self._official_index = TermIndex(self.official.terms, self.symbol_notes, OFFICIAL_RULE)

    @classmethod
    def learn(
        cls,
        notes: Sequence[Annotated],
        official: OfficialTerms,
        dictionary: Dictionary,
        language: str,
    ) -> TermFinder:
        """Learn a table from annotated notes and join it with the official terms."""
        table = TermTable.learn(notes)
        finder = cls(table, official, dictionary, language)
        finder = cls(table, official.reduce(finder.left_out(notes)), dictionary, language)
        counts: dict[str, int] = defaultdict(int)
        for note in notes:
            stems = {word.stem for word in note.words.words}
            for symbol in {s for stem in stems for s in finder.meanings(stem)}:
                counts[symbol] += 1
        finder.symbol_notes = dict(counts)
        finder._official_index = TermIndex(finder.official.terms, counts, OFFICIAL_RULE)
        return finder

    def left_out(self, notes: Sequence[Annotated]) -> set[str]:
        """Return the symbols of titles that the evidence of their codes mostly does without."""
        seen: Counter[str] = Counter()
        written: Counter[str] = Counter()
        for note in notes:
            for code, spans in note.evidence:
                title = self.titles.get(code, ())
                words = (note.words.words[position] for position in note.words.inside(spans))
                meant = {symbol for word in words for symbol in self.meanings(word.stem)}
                seen.update(title)
                written.update(meant.intersection(title))
        return {
            symbol
            for symbol, n in seen.items()
            if n >= _LEAST_SEEN
            and self.symbol_terms[symbol] >= _UNSPECIFIC
            and (written[symbol] + 0.5) / (n + 1) <= _MOSTLY_LEFT_OUT
        }

    def find(self, words: NoteWords) -> Found:
        """Return all matches in a note."""
        view, meant = self._learned_view(words), self._official_view(words)
        acts = self._acts_view(words)
        return Found(
            tuple(self._learned_index.find(view, words.words)),
            tuple(self._official_index.find(meant, words.words)),
            tuple(self._composed_index.find({**meant, **view, **acts}, words.words)),
            {
                symbol: frozenset(words.words[position].sentence for position in positions)
                for symbol, positions in meant.items()
            },
        )

    def meanings(self, stem: str) -> dict[str, Sense]:
        """Return the official symbols that a word of the note may mean."""
        if stem not in self._meanings:
            self._meanings[stem] = self._find_meanings(stem)
        return self._meanings[stem]

    def _find_meanings(self, stem: str) -> dict[str, Sense]:
        found = self._in_english(stem)
        found.update(dict.fromkeys(abbreviations(self.language).get(stem, ()), EXACT))
        for symbol, sense in list(found.items()):
            for column in self.official.classes.get(symbol, ()):
                if column not in found or found[column].weight < sense.weight:
                    found[column] = sense
        found[stem] = EXACT
        return {symbol: sense for symbol, sense in found.items() if symbol in self.symbol_terms}

    def _in_english(self, stem: str) -> dict[str, Sense]:
        if self.language == "en":
            return {ENGLISH + english_stem(stem): EXACT}
        found = {
            ENGLISH + t.stem: Sense(max(t.forward, t.backward))
            for t in self.dictionary.of(stem)[:_N_TRANSLATIONS]
            if t.forward * t.backward > _LEAST_CHANCE
        }
        found.setdefault(ENGLISH + stem, Sense(_UNTRANSLATED))
        for english, likeness in self._cognates.of(stem):
            found.setdefault(ENGLISH + english, Sense(_COGNATE * likeness**2))
        return found

    def _learned_view(self, words: NoteWords) -> View:
        view: dict[str, dict[int, Sense]] = defaultdict(dict)
        for position, word in enumerate(words.words):
            view[word.stem][position] = EXACT
            for other, likeness in self._similar.of(word.stem).items():
                view[other].setdefault(position, Sense(1.0, likeness, word.stem))
        return view

    def _acts_view(self, words: NoteWords) -> View:
        view: dict[str, dict[int, Sense]] = defaultdict(dict)
        for position, word in enumerate(words.words):
            for act, chance in self.grammar.acts.get(word.stem, {}).items():
                view[act][position] = Sense(chance)
        return view

    def _official_view(self, words: NoteWords) -> View:
        view: dict[str, dict[int, Sense]] = defaultdict(dict)
        for position, word in enumerate(words.words):
            for symbol, sense in self.meanings(word.stem).items():
                view[symbol][position] = sense
        return view


def _prefix_notes(table: TermTable) -> Counter[str]:
    counts: Counter[str] = Counter()
    for code, n in table.code_notes.items():
        if code.system is CodeSystem.ICD10PCS:
            counts[code.value[:PREFIX_LENGTH]] += n
    return counts
