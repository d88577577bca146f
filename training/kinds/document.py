"""A fine-tuned document classifier: an encoder, a head over the labels, decisions from dev."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

import torch

from cac.classify.neural import NeuralScorer
from cac.classify.predictor import Predictor
from cac.codes import load_icd10cm
from cac.codes.descriptions import describe
from cac.codes.label_space import LabelSpace
from cac.coding import CodedNote
from cac.errors import SettingsError
from training.checkpoint import Checkpoint
from training.fit import Fit, seed_everything
from training.fit import fit as fit_model
from training.kinds import Job
from training.kinds.classifiers import decide_and_save, dev_figures, labels_of
from training.model_config import DocumentConfig
from training.objective import Objective, targets_of
from training.processes import is_first
from training.report.curves import Curve
from training.sampling import rarity


def fit(job: Job) -> None:
    """Train on the training notes; stop, calibrate and cut on the dev notes; write the bundle.

    Raises:
        CorpusError: there are no dev notes, or no code is frequent enough to be a label.
    """
    config = _config(job)
    train, dev = job.prepared.notes("train"), job.prepared.notes("dev")
    labels = labels_of(job, train, dev)
    seed_everything(job.config.seed)
    scorer = NeuralScorer.new(config.encoder, config.head, len(labels))
    predictor = Predictor(scorer, labels)
    checkpoint = Checkpoint(job.output.with_name(f"{job.output.name}.checkpoint"), job.inputs)
    plan = _plan(job, config, predictor, train, dev)
    done = fit_model(scorer.model, plan, checkpoint)
    if not is_first():
        return
    plan.before_epoch()
    best = done.history[done.best_epoch]
    measured = {name: value for name, value in best.items() if name.startswith("dev_")}
    decide_and_save(job, predictor, train, dev, measured)
    job.curve(_learning_curve(done.history))
    checkpoint.remove()


def _plan(
    job: Job,
    config: DocumentConfig,
    predictor: Predictor,
    train: Sequence[CodedNote],
    dev: Sequence[CodedNote],
) -> Fit:
    scorer, labels = predictor.scorer, predictor.labels
    if not isinstance(scorer, NeuralScorer):
        raise SettingsError(f"A {scorer.kind} model is not trained by this loop.")
    encoded = scorer.tokenizer.encode_many(coded.note.text for coded in train)
    targets = [targets_of(c, e, labels) for c, e in zip(train, encoded, strict=True)]
    counts = Counter(column for t in targets for column in t.columns)
    frequencies = torch.tensor([counts[i] for i in range(len(labels))])
    scorer.model.head.labels.set_prior(frequencies, len(train))
    exponent = config.fit.rare_exponent
    job.report(f"{len(train)} notes, {len(labels)} labels, {sum(map(len, encoded))} tokens")
    return Fit(
        config=config.fit,
        objective=Objective(scorer.builder, encoded, targets, len(labels), config.loss),
        shares=rarity([t.columns for t in targets], exponent) if exponent else None,
        seed=job.config.seed,
        cpu=config.cpu,
        before_epoch=_encoder_of_labels(config, scorer, labels),
        measure=partial(dev_figures, predictor, dev),
        on_epoch=partial(_tell, job, config.fit.epochs),
    )


def _encoder_of_labels(
    config: DocumentConfig, scorer: NeuralScorer, labels: LabelSpace
) -> partial[None]:
    """Return what encodes the labels from their descriptions, and does nothing where not asked."""
    terms: list[Sequence[str]] = []
    if config.head.label_init == "descriptions":
        known = describe(labels, load_icd10cm())
        terms = [known[code] for code in labels]
    return partial(_encode, scorer, terms)


def _encode(scorer: NeuralScorer, terms: Sequence[Sequence[str]]) -> None:
    if terms:
        scorer.encode_labels(terms)


def _tell(job: Job, n_epochs: int, epoch: int, figures: Mapping[str, float]) -> None:
    job.run.figures({f"epoch/{name}": value for name, value in figures.items()}, step=epoch)
    said = ", ".join(f"{name} {value:.4f}" for name, value in figures.items())
    job.report(f"epoch {epoch + 1} of {n_epochs}: {said}")


def _learning_curve(history: Sequence[Mapping[str, float]]) -> Curve:
    columns = tuple(history[0])
    rows = tuple(tuple(round(epoch[name], 6) for name in columns) for epoch in history)
    return Curve("learning_curve", columns, rows)


def _config(job: Job) -> DocumentConfig:
    config = job.config.model
    if not isinstance(config, DocumentConfig):
        raise SettingsError(f"model.kind is {config.kind!r}; a document classifier is wanted.")
    return config
