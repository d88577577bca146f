"""What a data folder holds of each corpus: counts, offsets verified, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.files import MissingFileError
from cac.corpus.held_out import collect_held_out_ids, held_out_ids
from cac.corpus.registry import CORPORA, TERM_SOURCES, Corpus, TermSource
from cac.errors import CorpusError


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """Counts of one split in one language, or the problem that kept it from being read.

    ``n_bad_spans`` are spans outside their text, or of blanks alone; ``missing`` says that the
    problem is a file to download, not a damaged one.
    """

    corpus: str
    split: str
    language: str
    n_items: int = 0
    n_codes: int = 0
    n_spans: int = 0
    n_bad_spans: int = 0
    problem: str = ""
    missing: bool = False

    @property
    def faulty(self) -> bool:
        """Tell whether what is there is damaged."""
        return bool(self.n_bad_spans or (self.problem and not self.missing))


def check_folder(folder: Path, names: Sequence[str] = ()) -> Iterator[SplitCheck]:
    """Yield one check for each split and language of each corpus, then for each terminology.

    ``names`` restricts the checks to some corpora.
    """
    for name, corpus in CORPORA.items():
        for split in corpus.splits if not names or name in names else ():
            for language in corpus.languages:
                yield _check(name, split, language, partial(_count, corpus, folder))
    for name, source in TERM_SOURCES.items():
        if not names or name in names:
            yield _check(name, "terms", "", partial(_count_terms, source, folder))


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


def _check(
    name: str, split: str, language: str, count: Callable[[str, str], tuple[int, int, int, int]]
) -> SplitCheck:
    try:
        return SplitCheck(name, split, language, *count(split, language))
    except CorpusError as error:
        missing = isinstance(error, MissingFileError)
        return SplitCheck(name, split, language, problem=str(error), missing=missing)


def _count(corpus: Corpus, folder: Path, split: str, language: str) -> tuple[int, int, int, int]:
    notes = corpus.load(folder, split, language)
    return len(notes), *count_notes(notes)


def _count_terms(
    source: TermSource, folder: Path, _split: str, _language: str
) -> tuple[int, int, int, int]:
    return sum(1 for _ in source.load(folder)), 0, 0, 0
