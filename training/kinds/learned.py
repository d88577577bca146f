"""Terms and trees from annotated evidence: what `cac learn` does, as a stage."""

from __future__ import annotations

from cac.learn.bundle import Manifest
from cac.learn.corpora import learn_bundle
from training.kinds import Job
from training.report.curves import Curve


def fit(job: Job) -> None:
    """Learn from the training notes; dev notes are not needed, since each fold is held out once."""
    corpus = job.config.corpus
    manifest = learn_bundle(
        corpus.name,
        corpus.splits.train,
        corpus.language,
        job.output,
        evidence=job.prepared.path("train"),
        report=job.report,
        method=job.config.calibration,
    )
    measured = measured_figures(job, manifest)
    columns = ("epoch", *(f"micro_f1 {system}" for system in measured))
    job.curve(Curve("learning_curve", columns, ((0, *measured.values()),)))


def measured_figures(job: Job, manifest: Manifest) -> dict[str, float]:
    """Write and return the micro F1 of cross-validation, by code system."""
    measured = {system: figures["micro_f1"] for system, figures in manifest.measured.items()}
    job.run.figures({f"cross_validation/{system}/micro_f1": v for system, v in measured.items()})
    return measured
