"""Mentions of the terms of a learnt bundle, without its scorers."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from cac.coding import Candidate, Mention
from cac.learn.bundle import Manifest, read_finder, read_manifest
from cac.learn.candidates import Candidate as Found
from cac.learn.candidates import CandidateBuilder
from cac.learn.finder import TermFinder
from cac.learn.model import spans_of
from cac.learn.words import NoteWords, read_words
from cac.note import AnnotatedNote, Span

_EXACT, _LIKE, _OFFICIAL = "learned", "learned-similar", "official"


class LearnedFinder:
    """Finds learnt terms, terms like them, and official terms, in one pass over the words.

    The weight of a candidate is a first guess from counts: for a learnt term, the share of its
    occurrences that were evidence of the code. `cac.learn.LearnedModel` weighs it in context.
    """

    def __init__(self, manifest: Manifest, finder: TermFinder) -> None:
        self.manifest = manifest
        self._finder = finder

    @classmethod
    def load(cls, bundle: Path | str) -> LearnedFinder:
        """Load the terms of a bundle.

        Raises:
            BundleError: the bundle is damaged or older.
        """
        folder = Path(bundle)
        manifest = read_manifest(folder)
        return cls(manifest, read_finder(folder, manifest))

    def find(self, annotated: AnnotatedNote) -> tuple[Mention, ...]:
        """Return the mentions in order of the text, each with its candidates, best first."""
        words = read_words(annotated, self.manifest.language)
        found = CandidateBuilder(self._finder, words).build(self._finder.find(words))
        places: dict[tuple[Span, ...], list[Found]] = defaultdict(list)
        for candidate in found:
            places[spans_of(candidate, words)].append(candidate)
        mentions = (_mention(annotated, words, spans, f) for spans, f in places.items())
        return tuple(sorted(mentions, key=lambda m: (m.extent, m.spans)))


def _mention(
    annotated: AnnotatedNote, words: NoteWords, spans: tuple[Span, ...], found: list[Found]
) -> Mention:
    section = annotated.section_at(spans[0])
    modifiers = annotated.modifiers_of(spans[0])
    ranked = sorted(found, key=lambda c: (-c.score, c.code))
    return Mention(
        spans=spans,
        candidates=tuple(_candidate(c, words) for c in ranked),
        section=section.category if section else "other",
        assertions=annotated.assertions_of(spans[0]),
        cues=tuple(dict.fromkeys(modifier.cue for modifier in modifiers)),
    )


def _candidate(found: Found, words: NoteWords) -> Candidate:
    term = " ".join(words.words[position].stem for position in found.words)
    source = _EXACT if found.exact else _LIKE if found.like else _OFFICIAL
    return Candidate(found.code, min(found.score, 1.0), term, source)
