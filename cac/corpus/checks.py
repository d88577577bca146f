"""What a data folder holds of each corpus: counts, offsets verified, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.held_out import collect_held_out_ids, held_out_ids
from cac.corpus.registry import CORPORA, TERM_SOURCES, Corpus
from cac.errors import CorpusError


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """Counts of one split in one language, or the problem that kept it from being read.

    ``n_bad_spans`` are spans outside their text, or of blanks alone.
    """

    corpus: str
    split: str
    language: str
    n_items: int = 0
    n_codes: int = 0
    n_spans: int = 0
    n_bad_spans: int = 0
    problem: str = ""


def check_folder(folder: Path) -> Iterator[SplitCheck]:
    """Yield one check for each split and language of each corpus, then for each terminology."""
    for corpus in CORPORA.values():
        for split in corpus.splits:
            for language in corpus.languages:
                yield _check_split(corpus, folder, split, language)
    for source in TERM_SOURCES.values():
        try:
            yield SplitCheck(source.name, "terms", "", n_items=sum(1 for _ in source.load(folder)))
        except CorpusError as error:
            yield SplitCheck(source.name, "terms", "", problem=str(error))


def check_held_out(folder: Path) -> str:
    """Compare the shipped held-out ids with those of the folder; return the problem, or nothing."""
    try:
        found = {name: frozenset(ids) for name, ids in collect_held_out_ids(folder).items()}
    except CorpusError as error:
        return f"the held-out ids cannot be compared: {error}"
    different = [name for name, ids in held_out_ids().items() if found.get(name) != ids]
    return f"the test ids of {', '.join(different)} differ from the shipped ones" * bool(different)


def count_notes(notes: Sequence[CodedNote]) -> tuple[int, int, int]:
    """Return the numbers of codes, of evidence spans, and of spans that hold no words."""
    spans = [(c.note.text, s) for c in notes for e in c.evidence for s in e.spans]
    n_bad = sum(not text[s.start : s.end].strip() or s.end > len(text) for text, s in spans)
    return sum(len(c.codes) for c in notes), len(spans), n_bad


def _check_split(corpus: Corpus, folder: Path, split: str, language: str) -> SplitCheck:
    try:
        notes = corpus.load(folder, split, language)
    except CorpusError as error:
        return SplitCheck(corpus.name, split, language, problem=str(error))
    n_codes, n_spans, n_bad = count_notes(notes)
    return SplitCheck(corpus.name, split, language, len(notes), n_codes, n_spans, n_bad)
