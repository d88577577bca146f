"""The sparse linear baseline (`cac.classify.linear`): what a neural model must beat."""

from __future__ import annotations

import numpy as np

from cac.classify.linear import LinearScorer
from cac.classify.predictor import Predictor
from cac.errors import SettingsError
from training.kinds import Job
from training.kinds.classifiers import decide_and_save, dev_figures, labels_of
from training.model_config import LinearConfig
from training.report.curves import Curve


def fit(job: Job) -> None:
    """Fit on the training notes, decide on the dev notes, write the bundle."""
    config = job.config.model
    if not isinstance(config, LinearConfig):
        raise SettingsError(f"model.kind is {config.kind!r}; a linear one is wanted.")
    train, dev = job.prepared.notes("train"), job.prepared.notes("dev")
    labels = labels_of(job, train, dev)
    truth = np.zeros((len(train), len(labels)), dtype=bool)
    for row, coded in enumerate(train):
        truth[row, list(labels.indices(coded.codes))] = True
    job.report(f"{len(train)} notes, {len(labels)} labels")
    scorer = LinearScorer.fit([coded.note.text for coded in train], truth, config.settings)
    predictor = Predictor(scorer, labels)
    measured = {f"dev_{name}": value for name, value in dev_figures(predictor, dev).items()}
    job.run.figures(measured)
    job.curve(Curve("learning_curve", ("epoch", *measured), ((0, *measured.values()),)))
    decide_and_save(job, predictor, train, dev, measured)
