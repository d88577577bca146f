"""Find mentions of codes in a note: words, then terms, then the most specific code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cac.codes import Icd10cm
from cac.coding import Candidate, Code, CodeSystem, Mention
from cac.find.births import is_newborn, read_births
from cac.find.companions import Companions
from cac.find.context import Context, note_words, sided_sites, trimester
from cac.find.cultures import read_cultures
from cac.find.expand import Expander
from cac.find.extents import read_extents
from cac.find.headings import lend
from cac.find.lexicon import Lexicon, Term
from cac.find.match import Match, match_sentence
from cac.find.newborns import add_age, as_mothers
from cac.find.numbers import read_numbers
from cac.find.oncology import read_oncology
from cac.find.refine import Refined, Refiner
from cac.find.sayings import Sayings
from cac.find.specimens import labelled_sentences
from cac.find.stream import Stream, read_words, words_of
from cac.find.surroundings import Surroundings
from cac.note import AnnotatedNote, Assertion, Setting, Span

_MAX_CANDIDATES = 4
_NOT_TAKEN = frozenset(["level", "titer", "assay", "allergy", "allergic", "intolerance", "screen"])


class Finder:
    """Finds mentions over every billable code of one release."""

    def __init__(self, codes: Icd10cm, lexicon: Lexicon, expander: Expander) -> None:
        self._codes = codes
        self._lexicon = lexicon
        self._expander = expander
        self._refiner = Refiner(codes)
        self._companions = Companions(codes)

    def find(self, annotated: AnnotatedNote) -> tuple[Mention, ...]:
        """Return the mentions of a note in order of their first character."""
        text = annotated.note.text
        newborn = is_newborn(text)
        found = list(_read_off(annotated, newborn))
        whole = note_words(text) | {word for m in found for word in _trimester(m)}
        sited = sided_sites(text)
        for sentence, label in labelled_sentences(annotated):
            stream = read_words(text, sentence, label)
            if len(stream.starts) == len(label):
                continue
            self._expander.expand(stream, annotated, sentence)
            lend(stream, _category(annotated, sentence))
            if newborn:
                add_age(stream)
            said = Sayings(annotated, stream, sentence)
            matches = match_sentence(stream, self._lexicon, said.is_one, self._companions.are)
            if label:
                matches = [match for match in matches if match.high >= len(label)]
            if not matches:
                continue
            around = Surroundings(stream, whole, sited)
            for group in _by_place(matches):
                mention = self._mention(annotated, stream, said, group, around)
                if mention:
                    found.append(as_mothers(mention) if newborn else mention)
        return tuple(sorted(found, key=lambda m: (m.spans[0].start, m.spans[-1].end)))

    def _mention(
        self,
        annotated: AnnotatedNote,
        stream: Stream,
        said: Sayings,
        group: list[Match],
        around: Surroundings,
    ) -> Mention | None:
        spans = evidence_spans(stream, group[0])
        section = annotated.section_at(spans[0])
        if section and any(section.title.overlaps(span) for span in spans):
            return None
        candidates = self._candidates(group, around.of(group[0].low, group[0].high))
        if not candidates:
            return None
        assertions, cues = said.of(group[0])
        category = section.category if section else "other"
        return Mention(spans, candidates, category, assertions, cues)

    def _candidates(self, group: list[Match], context: Context) -> tuple[Candidate, ...]:
        best: dict[str, tuple[float, Term, Refined]] = {}
        for match in group:
            for term in match.terms()[:_MAX_CANDIDATES]:
                if term.source == "drug" and not _NOT_TAKEN.isdisjoint(context.words):
                    continue
                weight = _weight(term, match.gap, context)
                for refined in self._refiner.refine(term.code, context):
                    if refined.code not in best or weight > best[refined.code][0]:
                        best[refined.code] = weight, term, refined
        found = list(best.values())
        if len(found) > 1:
            said = frozenset().union(*(match.entry.required for match in group))
            found.sort(key=lambda f: (-f[0], -self._n_shared(f[2].code, said), f[2].code))
        return tuple(_candidate(*one) for one in found[:_MAX_CANDIDATES])

    def _n_shared(self, value: str, said: frozenset[str]) -> int:
        """Return how many words of the code's title were said: the finer of two equals has more."""
        return len(said.intersection(words_of(self._codes.title(value))))


def _weight(term: Term, gap: float, context: Context) -> float:
    """Return how surely the words of a term mean its code here."""
    n_said = len(term.optional & context.words) if term.optional else 0
    looseness = 0.06 * gap / max(1.0, (len(term.required) - 1) / 2)
    weight = term.weight * (1 - looseness) * (1 + 0.02 * min(n_said, 3)) / 1.06
    weight *= 1.0 if term.required.isdisjoint(context.derived) else 0.98
    weight *= 1.0 if term.required.isdisjoint(context.wider) else 0.97
    return round(min(weight, 1.0), 4)


def _candidate(weight: float, term: Term, refined: Refined) -> Candidate:
    return Candidate(_code(refined.code), weight, term.text, term.source, refined.missing)


@lru_cache(maxsize=1 << 16)
def _code(value: str) -> Code:
    return Code(CodeSystem.ICD10CM, value)


def _category(annotated: AnnotatedNote, span: Span) -> str:
    section = annotated.section_at(span)
    return section.category if section else "other"


def _read_off(annotated: AnnotatedNote, newborn: bool) -> Iterable[Mention]:
    text = annotated.note.text
    read = [*read_numbers(text, newborn=newborn), *read_extents(text), *read_oncology(text)]
    if annotated.note.setting is Setting.INPATIENT:
        read += read_births(text, newborn=newborn)
    for span, candidate in read_cultures(text):
        yield _read(annotated, span, candidate, annotated.assertions_of(span))
    for span, candidate in read:
        said = tuple(a for a in annotated.assertions_of(span) if a is not Assertion.NEGATED)
        yield _read(annotated, span, candidate, said or (Assertion.PRESENT,))


def _read(
    annotated: AnnotatedNote, span: Span, candidate: Candidate, said: tuple[Assertion, ...]
) -> Mention:
    """Return what was read off as a mention; a measure is a fact, and never denied."""
    cues = tuple(sorted({modifier.cue for modifier in annotated.modifiers_of(span)}))
    return Mention((span,), (candidate,), _category(annotated, span), said, cues)


def _trimester(mention: Mention) -> Iterable[str]:
    code = mention.candidates[0].code.value
    if code.startswith("Z3A.") and code[4:].isdigit() and int(code[4:]) > 1:
        yield trimester(int(code[4:]))


def _by_place(matches: Iterable[Match]) -> Iterable[list[Match]]:
    groups: dict[frozenset[int], list[Match]] = {}
    for match in matches:
        groups.setdefault(match.positions, []).append(match)
    return groups.values()


def evidence_spans(stream: Stream, match: Match) -> tuple[Span, ...]:
    """Return the characters of a match; words with nothing foreign between them are one span."""
    spans: list[Span] = []
    last = -2
    for position in sorted(match.positions):
        here = stream.span(position)
        joined = (
            last >= 0
            and stream.costs[position] - stream.costs[last] <= 1.45
            and position - last <= 3
        )
        if joined:
            spans[-1] = Span(spans[-1].start, here.end)
        else:
            spans.append(here)
        last = position
    return tuple(spans)
