"""Terms learnt from evidence: what they were coded as, and how often they were left uncoded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from cac.coding import Code, CodedNote, CodeSystem
from cac.learn.matching import Key, Match, Rule, TermIndex, exact_view
from cac.learn.words import NoteWords, read_words
from cac.note import AnnotatedNote, Span

MAX_WORDS = 8
LEARNED_RULE = Rule()
#: How a match stands: words together in a known order; nearly so; scattered.
TOGETHER, NEAR, SCATTERED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Annotated:
    """A note for learning: its words, and its codes with their evidence."""

    source: AnnotatedNote
    words: NoteWords
    codes: tuple[Code, ...]
    evidence: tuple[tuple[Code, tuple[Span, ...]], ...]

    @classmethod
    def of(cls, coded: CodedNote, annotated: AnnotatedNote) -> Annotated:
        """Join a coded note with its reading."""
        evidence = tuple((e.code, e.spans) for e in coded.evidence if e.spans)
        words = read_words(annotated, coded.note.language)
        return cls(annotated, words, coded.codes, evidence)

    @property
    def note_id(self) -> str:
        """The id of the note."""
        return self.source.note.note_id


@dataclass(slots=True)
class Term:
    """A term, keyed by its sorted stems.

    ``coded`` and ``seen`` count, for each way of standing, the matches that are evidence and
    all matches; ``orders`` are the orders in which the words were annotated.
    """

    codes: Counter[Code] = field(default_factory=Counter)
    orders: set[Key] = field(default_factory=set)
    coded: list[int] = field(default_factory=lambda: [0, 0, 0])
    seen: list[int] = field(default_factory=lambda: [0, 0, 0])

    def ratio(self, standing: int | None = None) -> float:
        """Return the smoothed share of matches that are evidence: (coded + .3) / (seen + 1)."""
        if standing is None:
            return (sum(self.coded) + 0.3) / (sum(self.seen) + 1)
        return (self.coded[standing] + 0.3) / (self.seen[standing] + 1)


@dataclass(slots=True)
class TermTable:
    """All terms, with what is known of the words and the codes of the notes learnt from.

    ``word_notes`` counts notes; ``word_coded`` is the share of a stem's occurrences in evidence;
    ``joined_before`` and ``joined_after`` how often it shares a piece of evidence with the content
    word before and after it.
    """

    terms: dict[Key, Term] = field(default_factory=dict)
    n_notes: int = 0
    word_notes: Counter[str] = field(default_factory=Counter)
    word_coded: dict[str, float] = field(default_factory=dict)
    joined_before: dict[str, float] = field(default_factory=dict)
    joined_after: dict[str, float] = field(default_factory=dict)
    code_notes: Counter[Code] = field(default_factory=Counter)

    @classmethod
    def learn(cls, notes: Sequence[Annotated]) -> TermTable:
        """Count terms, their matches, words and codes over annotated notes."""
        table = cls(n_notes=len(notes))
        for note in notes:
            table.code_notes.update(set(note.codes))
            table.word_notes.update({word.stem for word in note.words.words})
            table._add_terms(note)
        table.word_coded = _coded_shares(notes)
        table.joined_before, table.joined_after = _joined_shares(notes)
        table._count_matches(notes)
        return table

    def category_notes(self) -> Counter[str]:
        """Return how many codes of each category the notes have, a note's codes each once."""
        counts: Counter[str] = Counter()
        for code, n in self.code_notes.items():
            counts[code.value[:3]] += n
        return counts

    def standing(self, match: Match, words: NoteWords) -> tuple[int, bool]:
        """Return how a match stands, and whether its words are in a known order."""
        term = self.terms.get(match.key)
        order = tuple(words.words[position].stem for position in match.positions)
        known = term is not None and order in term.orders
        if match.gap == 0 and known:
            return TOGETHER, known
        return (NEAR if match.gap <= 2 else SCATTERED), known

    def _add_terms(self, note: Annotated) -> None:
        for code, spans in note.evidence:
            order = tuple(note.words.words[p].stem for p in note.words.inside(spans))
            if 0 < len(order) <= MAX_WORDS:
                term = self.terms.setdefault(tuple(sorted(order)), Term())
                term.codes[code] += 1
                term.orders.add(order)

    def _count_matches(self, notes: Sequence[Annotated]) -> None:
        index = TermIndex(self.terms, self.word_notes, LEARNED_RULE)
        for note in notes:
            evidence = {(spans[0].start, spans[-1].end) for _, spans in note.evidence}
            for match in index.find(exact_view(note.words), note.words.words):
                standing, _ = self.standing(match, note.words)
                term = self.terms[match.key]
                term.seen[standing] += 1
                term.coded[standing] += extent_of(match, note.words) in evidence

    def to_json(self) -> Iterator[dict[str, Any]]:
        """Yield one plain record a term for a bundle."""
        for key, term in sorted(self.terms.items()):
            yield {
                "term": " ".join(key),
                "codes": _codes_to_json(term.codes),
                "orders": sorted(" ".join(order) for order in term.orders),
                "coded": term.coded,
                "seen": term.seen,
            }

    def words_to_json(self) -> dict[str, Any]:
        """Return the counts of words and codes as plain data for a bundle."""
        return {
            "n_notes": self.n_notes,
            "words": {
                stem: [n, self.word_coded[stem], self.joined_before[stem], self.joined_after[stem]]
                for stem, n in sorted(self.word_notes.items())
            },
            "codes": _codes_to_json(self.code_notes),
        }

    @classmethod
    def from_json(cls, terms: Iterable[Mapping[str, Any]], words: Mapping[str, Any]) -> TermTable:
        """Read what `to_json` and `words_to_json` wrote."""
        table = cls(n_notes=int(words["n_notes"]), code_notes=_codes_from_json(words["codes"]))
        for stem, (n, coded, before, after) in words["words"].items():
            table.word_notes[stem], table.word_coded[stem] = n, coded
            table.joined_before[stem], table.joined_after[stem] = before, after
        for record in terms:
            orders = {tuple(order.split()) for order in record["orders"]}
            codes = _codes_from_json(record["codes"])
            term = Term(codes, orders, list(record["coded"]), list(record["seen"]))
            table.terms[tuple(record["term"].split())] = term
        return table


def extent_of(match: Match, words: NoteWords) -> tuple[int, int]:
    """Return the first and the last character of a match, half-open."""
    return words.words[match.positions[0]].start, words.words[match.positions[-1]].end


def _coded_shares(notes: Sequence[Annotated]) -> dict[str, float]:
    """Return the smoothed share of each stem's occurrences that lie in evidence."""
    seen: Counter[str] = Counter()
    coded: Counter[str] = Counter()
    for note in notes:
        seen.update(word.stem for word in note.words.words)
        spans = {span for _, pieces in note.evidence for span in pieces}
        coded.update(
            w.stem
            for w in note.words.words
            if any(span.start <= w.start and w.end <= span.end for span in spans)
        )
    return {stem: (coded[stem] + 0.4) / (n + 2) for stem, n in seen.items()}


def _joined_shares(notes: Sequence[Annotated]) -> tuple[dict[str, float], dict[str, float]]:
    seen: Counter[str] = Counter()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for note in notes:
        spans = {span for _, pieces in note.evidence for span in pieces}
        seen.update(word.stem for word in note.words.words)
        for one, two in pairwise(note.words.words):
            if any(span.start <= one.start and two.end <= span.end for span in spans):
                after[one.stem] += 1
                before[two.stem] += 1
    return (
        {stem: (before[stem] + 0.2) / (n + 2) for stem, n in seen.items()},
        {stem: (after[stem] + 0.2) / (n + 2) for stem, n in seen.items()},
    )


def _codes_to_json(codes: Mapping[Code, int]) -> dict[str, dict[str, int]]:
    by_system: dict[str, dict[str, int]] = defaultdict(dict)
    for code, n in sorted(codes.items(), key=lambda item: (-item[1], item[0])):
        by_system[code.system.value][code.value] = n
    return dict(by_system)


def _codes_from_json(data: Mapping[str, Mapping[str, int]]) -> Counter[Code]:
    return Counter(
        {Code(CodeSystem(name), v): n for name, codes in data.items() for v, n in codes.items()}
    )
