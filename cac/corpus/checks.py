"""What a data folder holds of each corpus: counts, offsets verified, leaks, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.corpus import Corpus, Report, silent
from cac.corpus.files import MissingFileError
from cac.corpus.held_out import collect_held_out_ids, held_out_ids
from cac.corpus.patients import group_of
from cac.corpus.registry import CORPORA, TERM_SOURCES, TermSource, find_corpus
from cac.errors import CacError, CorpusError


@dataclass(slots=True)
class Tally:
    """What one pass over some notes counted; ``n_bad_spans`` lie outside their text, or are blank.

    ``groups`` are what a division must keep together: patients, where they are known.
    """

    n_items: int = 0
    n_codes: int = 0
    n_spans: int = 0
    n_bad_spans: int = 0
    groups: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, notes: Iterable[CodedNote]) -> Tally:
        """Count the notes, one after another."""
        tally = cls()
        for coded in notes:
            text = coded.note.text
            spans = [span for evidence in coded.evidence for span in evidence.spans]
            tally.n_items += 1
            tally.n_codes += len(coded.codes)
            tally.n_spans += len(spans)
            tally.n_bad_spans += sum(
                not text[s.start : s.end].strip() or s.end > len(text) for s in spans
            )
            tally.groups.add(group_of(coded.note))
        return tally


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """The tally of one split in one language, or the problem that kept it from being read.

    ``n_leaks`` counts the patients that stand in a split to learn from as well; ``missing`` says
    that the problem is a file to download, not a damaged one.
    """

    corpus: str
    split: str
    language: str
    tally: Tally
    n_leaks: int = 0
    problem: str = ""
    missing: bool = False

    @property
    def faulty(self) -> bool:
        """Tell whether what is there is damaged, or divided wrongly."""
        damaged = bool(self.problem) and not self.missing
        return bool(self.tally.n_bad_spans or self.n_leaks or damaged)


def check_folder(
    folder: Path | None, names: Sequence[str] = (), report: Report = silent
) -> Iterator[SplitCheck]:
    """Yield one check for each split and language of each corpus, then for each terminology.

    ``names`` restricts the checks to some corpora, and may name coded notes by their path; where
    it names nothing else, no data folder is needed.
    """
    for name in names or CORPORA:
        if name not in TERM_SOURCES:
            yield from _check_corpus(name, find_corpus(name), folder or Path(), report)
    for name, source in TERM_SOURCES.items():
        if not names or name in names:
            yield _check_terms(source, folder or Path())


def check_held_out(folder: Path) -> str:
    """Compare the shipped held-out ids with those of the folder; return the problem, or nothing."""
    try:
        found = {name: frozenset(ids) for name, ids in collect_held_out_ids(folder).items()}
    except CorpusError as error:
        return f"the held-out ids cannot be compared: {error}"
    different = [name for name, ids in held_out_ids().items() if found.get(name) != ids]
    return f"the test ids of {', '.join(different)} differ from the shipped ones" * bool(different)


def _check_corpus(name: str, corpus: Corpus, folder: Path, report: Report) -> Iterator[SplitCheck]:
    learnable = [split for split in corpus.splits if split in corpus.learn_splits]
    others = [split for split in corpus.splits if split not in learnable]
    for language in corpus.languages:
        learnt: set[str] = set()
        for split in learnable + others:
            check = _check_split(name, corpus, folder, split, language, report)
            if split in learnable:
                learnt |= check.tally.groups
                yield check
            else:
                yield _with_leaks(check, learnt)


def _check_split(
    name: str, corpus: Corpus, folder: Path, split: str, language: str, report: Report
) -> SplitCheck:
    try:
        tally = Tally.of(corpus.notes(folder, split, language, report))
    except CacError as error:
        missing = isinstance(error, MissingFileError)
        return SplitCheck(name, split, language, Tally(), problem=str(error), missing=missing)
    return SplitCheck(name, split, language, tally)


def _with_leaks(check: SplitCheck, learnt: set[str]) -> SplitCheck:
    n_leaks = len(check.tally.groups & learnt)
    if not n_leaks:
        return check
    problem = f"{check.corpus} {check.split}: {n_leaks} patients stand in a training split as well"
    return SplitCheck(check.corpus, check.split, check.language, check.tally, n_leaks, problem)


def _check_terms(source: TermSource, folder: Path) -> SplitCheck:
    try:
        tally = Tally(n_items=sum(1 for _ in source.load(folder)))
    except CorpusError as error:
        missing = isinstance(error, MissingFileError)
        return SplitCheck(source.name, "terms", "", Tally(), problem=str(error), missing=missing)
    return SplitCheck(source.name, "terms", "", tally)
