"""Terms and trees from annotated evidence: what `cac learn` does, as a stage."""

from __future__ import annotations

from cac.learn.context import ContextTraining
from cac.learn.corpora import learn_bundle
from training.kinds import Job
from training.report.curves import Curve


def fit(job: Job) -> None:
    """Learn from the training notes; dev notes are not needed, since each fold is held out once."""
    measured = learn(job)
    columns = ("epoch", *(f"micro_f1 {system}" for system in measured))
    job.curve(Curve("learning_curve", columns, ((0, *measured.values()),)))


def learn(job: Job, context: ContextTraining | None = None) -> dict[str, float]:
    """Write the bundle; write and return the micro F1 of cross-validation, by code system."""
    corpus = job.config.corpus
    manifest = learn_bundle(
        corpus.name,
        corpus.splits.train,
        corpus.language,
        job.output,
        evidence=job.prepared.path("train"),
        context=context,
        report=job.report,
        method=job.config.calibration,
    )
    measured = {system: figures["micro_f1"] for system, figures in manifest.measured.items()}
    job.run.figures({f"cross_validation/{system}/micro_f1": v for system, v in measured.items()})
    return measured
