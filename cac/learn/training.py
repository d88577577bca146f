"""Learning a model: terms from other notes' evidence, then how far to trust what they find.

The features of a note's candidates come from terms learnt on the other folds, and the mention
probabilities that the code scorer sees from a mention scorer of the other folds, so that neither
is learnt from its own answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import compress

import numpy as np

from cac.coding import Code, CodeSystem, Mention
from cac.decide.bands import Bands, fit_bands
from cac.decide.calibration import Calibration, Method, calibrate
from cac.learn.candidates import Block, Candidate, CandidateBuilder
from cac.learn.codes import CODE_KIND, CodeCandidate, by_code, code_feature_names
from cac.learn.context import CONTEXT, Context, ContextTraining, as_rows, with_context
from cac.learn.features import FEATURE_NAMES, KIND, features
from cac.learn.finder import TermFinder
from cac.learn.official import OfficialTerms
from cac.learn.terms import Annotated
from cac.learn.translation import Dictionary
from cac.learn.trees import N_TREES, Bools, Floats, Ints, SplitTrees, fit_split

ExtraMentions = Callable[[Annotated], Sequence[Mention]]
IsUnused = Callable[[Code], bool]
Report = Callable[[str], None]
Fit = Callable[[Floats, Bools], SplitTrees]
N_FOLDS = 8
N_SCORING_FOLDS = 5
_SLACK = 10  # characters, as in CodiEsp's own measure of evidence


@dataclass(frozen=True, slots=True)
class Scorers:
    """Both ensembles of trees, and the calibration and the bands of each code system.

    ``context`` gives the trees one more feature of each candidate; None: they know none.
    """

    mentions: SplitTrees
    codes: SplitTrees
    calibration: Mapping[CodeSystem, Calibration]
    bands: Mapping[CodeSystem, Bands]
    context: Context | None = None

    def rows(
        self, text: str, candidates: Sequence[Candidate], rows: Sequence[Block]
    ) -> Sequence[Block]:
        """Return the features of a note's candidates as the trees know them."""
        if self.context is None:
            return rows
        return with_context(rows, self.context.logits(text, candidates, rows))


@dataclass(frozen=True, slots=True)
class Learned:
    """What is learnt: where to look, how far to trust it, and what cross-validation gave.

    ``held_out`` are probability and truth of each code of each note, by system, from scorers and
    terms of the other folds; ``n_gold`` counts the gold codes.
    """

    finder: TermFinder
    scorers: Scorers
    held_out: Mapping[CodeSystem, tuple[Floats, Bools]]
    n_gold: Mapping[CodeSystem, int]


@dataclass(frozen=True, slots=True)
class _NoteRows:
    note: Annotated
    fold: int
    candidates: list[Candidate]
    rows: list[Block]
    truth: list[bool]


def learn(
    notes: Sequence[Annotated],
    official: OfficialTerms,
    dictionary: Dictionary,
    language: str,
    *,
    extra: ExtraMentions = lambda _: (),
    context: ContextTraining | None = None,
    unused: IsUnused = lambda _: False,
    report: Report = lambda _: None,
    n_trees: int = N_TREES,
    method: Method = "platt",
) -> Learned:
    """Learn from annotated notes; the same notes give the same model, in any order.

    ``method`` is how scores of cross-validation become probabilities. ``unused`` tells the codes
    that the annotators could not choose, such as those of a later release: that they chose
    none of them teaches nothing.
    Where there is a ``context`` to train, the trees weigh what it says of notes that it was not
    trained on.
    """
    ordered = sorted(notes, key=lambda note: sha256(note.note_id.encode()).hexdigest())
    collected = [
        _without(unused, note)
        for note in _collect(ordered, official, dictionary, language, extra, report)
    ]
    scorer, names = None, FEATURE_NAMES
    if context is not None:
        names = (*FEATURE_NAMES, CONTEXT)
        logits, scorer = context.cross_fit(collected), context.fit(collected)
        collected = [
            replace(note, rows=with_context(note.rows, of_note))
            for note, of_note in zip(collected, logits, strict=True)
        ]
    report("scoring mentions")
    mentions, chances = _score_mentions(collected, names, n_trees)
    report("scoring codes")
    codes, found, held_out, of_note = _score_codes(collected, chances, names, n_trees)
    systems = sorted({c.code.system for c, _ in found} | {c.system for n in notes for c in n.codes})
    n_gold = {s: sum(c.system is s for n in notes for c in set(n.codes)) for s in systems}
    by_system = {s: _of_system(s, found, held_out) for s in systems}
    calibration = {
        s: calibrate(*by_system[s], n_gold[s], method) for s in systems if len(by_system[s][0])
    }
    bands = {
        s: _bands(fitted, *by_system[s], of_note[_columns(s, found)])
        for s, fitted in calibration.items()
    }
    report("learning terms")
    finder = TermFinder.learn(ordered, official, dictionary, language)
    scorers = Scorers(mentions, codes, calibration, bands, scorer)
    return Learned(finder, scorers, by_system, n_gold)


def candidates_of(
    finder: TermFinder, note: Annotated, extra: Sequence[Mention] = ()
) -> tuple[list[Candidate], list[Block]]:
    """Return the candidates of a note with their features."""
    found = finder.find(note.words)
    candidates = CandidateBuilder(finder, note.words).build(found, extra)
    return candidates, features(finder, note.source, note.words, found, candidates)


def _collect(
    notes: Sequence[Annotated],
    official: OfficialTerms,
    dictionary: Dictionary,
    language: str,
    extra: ExtraMentions,
    report: Report,
) -> list[_NoteRows]:
    collected = []
    for fold in range(N_FOLDS):
        report(f"learning terms, fold {fold + 1} of {N_FOLDS}")
        others = [note for i, note in enumerate(notes) if i % N_FOLDS != fold]
        finder = TermFinder.learn(others, official, dictionary, language)
        for i in range(fold, len(notes), N_FOLDS):
            candidates, rows = candidates_of(finder, notes[i], extra(notes[i]))
            truth = _mention_truth(notes[i], candidates)
            collected.append(_NoteRows(notes[i], i % N_SCORING_FOLDS, candidates, rows, truth))
    return collected


def _without(unused: IsUnused, note: _NoteRows) -> _NoteRows:
    kept = [not unused(candidate.code) for candidate in note.candidates]
    if all(kept):
        return note
    return replace(
        note,
        candidates=list(compress(note.candidates, kept)),
        rows=list(compress(note.rows, kept)),
        truth=list(compress(note.truth, kept)),
    )


def _score_mentions(
    collected: Sequence[_NoteRows], names: Sequence[str], n_trees: int
) -> tuple[SplitTrees, Floats]:
    rows = as_rows([row for note in collected for row in note.rows], len(names))
    truth = np.array([t for note in collected for t in note.truth], dtype=bool)
    folds = np.array([note.fold for note in collected for _ in note.rows], dtype=np.int64)
    fit = partial(fit_split, names=names, split=KIND, n_trees=n_trees)
    return fit(rows, truth), _cross_fit(rows, truth, folds, fit)


def _score_codes(
    collected: Sequence[_NoteRows], chances: Floats, names: Sequence[str], n_trees: int
) -> tuple[SplitTrees, list[tuple[CodeCandidate, bool]], Floats, Ints]:
    found, folds, of_note, start = [], [], [], 0
    for number, note in enumerate(collected):
        end = start + len(note.rows)
        gold = set(note.note.codes)
        for code in by_code(note.candidates, note.rows, chances[start:end]):
            found.append((code, code.code in gold))
            folds.append(note.fold)
            of_note.append(number)
        start = end
    of_code = code_feature_names(names)
    rows = as_rows([code.row for code, _ in found], len(of_code))
    truth = np.array([is_gold for _, is_gold in found], dtype=bool)
    fit = partial(fit_split, names=of_code, split=CODE_KIND, n_trees=n_trees)
    folded = np.array(folds, dtype=np.int64)
    notes = np.array(of_note, dtype=np.int64)
    return fit(rows, truth), found, _cross_fit(rows, truth, folded, fit), notes


def _cross_fit(rows: Floats, truth: Bools, folds: Ints, fit: Fit) -> Floats:
    answers = np.zeros(len(rows))
    for fold in range(N_SCORING_FOLDS):
        held = folds == fold
        if held.any():
            answers[held] = fit(rows[~held], truth[~held]).probabilities(rows[held])
    return answers


def _mention_truth(note: Annotated, candidates: Sequence[Candidate]) -> list[bool]:
    """Tell of each candidate whether it covers evidence of its code, up to ten characters more."""
    evidence: dict[Code, list[tuple[int, int]]] = {}
    for code, spans in note.evidence:
        evidence.setdefault(code, []).append((spans[0].start, spans[-1].end))
    return [
        any(
            0 <= start - c.start <= _SLACK and 0 <= c.end - end <= _SLACK
            for start, end in evidence.get(c.code, ())
        )
        for c in candidates
    ]


def _of_system(
    system: CodeSystem, found: Sequence[tuple[CodeCandidate, bool]], held_out: Floats
) -> tuple[Floats, Bools]:
    chosen = _columns(system, found)
    truth = np.array([is_gold for _, is_gold in found], dtype=bool)
    return held_out[chosen], truth[chosen]


def _columns(system: CodeSystem, found: Sequence[tuple[CodeCandidate, bool]]) -> Bools:
    return np.array([code.code.system is system for code, _ in found], dtype=bool)


def _bands(calibration: Calibration, chances: Floats, truth: Bools, of_note: Ints) -> Bands:
    """Fit bands on answers for notes of other folds, as calibration is."""
    return fit_bands(calibration.apply(chances), truth, of_note, calibration.threshold)
