"""Learnt terms and trees with a transformer that scores their mentions in context.

The transformer is trained on parts of the training notes, so that the trees weigh what it says of
notes that it has not seen, and then on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from cac.classify.candidates import CandidateModel, Candidates
from cac.coding import Code, CodeSystem
from cac.errors import SettingsError
from cac.learn.context import NoteCandidates
from cac.learn.neural_context import NeuralContext, as_candidates
from training.candidate_fit import Example, train_scorer
from training.candidate_objective import CandidateTargets
from training.checkpoint import Checkpoint
from training.kinds import Job
from training.kinds.learned import learn
from training.model_config import CandidatesConfig
from training.report.curves import Curve


def fit(job: Job) -> None:
    """Learn terms, train the transformer and the trees; write the bundle.

    Dev notes are not needed: each training note is held out once.
    """
    context = ContextTrainer(job)
    learn(job, context)
    job.curve(context.curve())
    context.remove()


class ContextTrainer:
    """Trains `cac.classify` on the candidates of `cac.learn`; goes on after an interruption."""

    def __init__(self, job: Job) -> None:
        if not isinstance(job.config.model, CandidatesConfig):
            raise SettingsError(f"model.kind is {job.config.model.kind!r}, not 'candidates'.")
        self._config = job.config.model
        self._job = job
        self._folder = job.output.with_name(f"{job.output.name}.checkpoint")
        self._losses: dict[str, dict[int, float]] = {}

    def cross_fit(self, notes: Sequence[NoteCandidates]) -> Sequence[Sequence[float]]:
        """Return logits for the candidates of each note, by scorers trained on other notes."""
        logits: list[Sequence[float]] = [()] * len(notes)
        for fold in range(self._config.folds):
            held = range(fold, len(notes), self._config.folds)
            for i, found in zip(held, self._held_out(notes, fold), strict=True):
                logits[i] = found
        return logits

    def fit(self, notes: Sequence[NoteCandidates]) -> NeuralContext:
        """Return a scorer trained on all notes."""
        model = self._train("all", notes)
        values = {c.code for note in notes for c in note.candidates}
        model.terms = model.described(v for v in values if v.system is CodeSystem.ICD10PCS)
        return NeuralContext(model, int8=self._config.int8)

    def curve(self) -> Curve:
        """Return the loss of each training by epoch."""
        epochs = range(1, self._config.fit.epochs + 1)
        rows = (
            (epoch, *(losses.get(epoch, 0.0) for losses in self._losses.values()))
            for epoch in epochs
        )
        columns = ("epoch", *(f"loss {name}" for name in self._losses))
        return Curve("learning_curve", columns, tuple(rows))

    def remove(self) -> None:
        """Delete what was kept for an interruption."""
        for path in self._folder.glob("*.npz"):
            path.unlink()
        if self._folder.exists():
            self._folder.rmdir()

    def _held_out(self, notes: Sequence[NoteCandidates], fold: int) -> list[list[float]]:
        """Return the logits of a fold's notes; kept in a file once they are known."""
        n, kept = self._config.folds, self._folder / f"fold-{fold}.npz"
        held = notes[fold::n]
        lengths = [len(note.candidates) for note in held]
        if not kept.exists():
            others = [note for i, note in enumerate(notes) if i % n != fold]
            model = self._train(f"fold {fold + 1} of {n}", others)
            found = [model.logits(note.note.words.text, _candidates(note)) for note in held]
            self._folder.mkdir(parents=True, exist_ok=True)
            np.savez(kept, logits=np.concatenate(found))
        joined = np.load(kept)["logits"]
        return [part.tolist() for part in np.split(joined, np.cumsum(lengths)[:-1])]

    def _train(self, name: str, notes: Sequence[NoteCandidates]) -> CandidateModel:
        self._job.report(f"training context, {name}: {len(notes)} notes")
        return train_scorer(
            self._config,
            [_example(note) for note in notes],
            seed=self._job.config.seed,
            checkpoint=Checkpoint(self._folder / name.replace(" ", "-"), self._job.inputs),
            tell=partial(self._tell, name),
        )

    def _tell(self, name: str, epoch: int, figures: Mapping[str, float]) -> None:
        self._losses.setdefault(name, {})[epoch + 1] = round(figures["loss"], 6)
        self._job.run.figures({f"{name}/loss": figures["loss"]}, step=epoch)
        said = ", ".join(f"{key} {value:.4f}" for key, value in figures.items())
        self._job.report(f"context, {name}, epoch {epoch + 1}: {said}")


def _example(note: NoteCandidates) -> Example:
    return Example(note.note.words.text, _candidates(note), _targets(note))


def _candidates(note: NoteCandidates) -> Candidates:
    return as_candidates(note.candidates, note.rows)


def _targets(note: NoteCandidates) -> CandidateTargets:
    codes: set[Code] = set(note.note.codes)
    gold = np.array([c.code in codes for c in note.candidates], dtype=bool)
    evidence = np.array(note.truth, dtype=bool) if note.note.evidence else None
    return CandidateTargets(evidence, gold)
