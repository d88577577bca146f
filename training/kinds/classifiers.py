"""What all kinds of classifier do alike: labels, figures on dev, decisions, the bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cac import __version__
from cac.classify.evidence import fit_share
from cac.classify.manifest import ClassifierManifest
from cac.classify.predictor import Predictor
from cac.codes import load_icd10cm
from cac.codes.label_space import LabelSpace
from cac.coding import CodedNote
from cac.corpus import Weights, find_corpus
from cac.errors import CorpusError
from cac.metrics import best_threshold, mean_average_precision
from cac.read import read_note
from cac.versions import code_set_versions
from training.kinds import Job


def labels_of(job: Job, train: Sequence[CodedNote], dev: Sequence[CodedNote]) -> LabelSpace:
    """Return the labels: codes of the training notes alone, of the systems asked for.

    Raises:
        CorpusError: no code is in enough notes, or there are no dev notes to decide on.
    """
    if not dev:
        raise CorpusError("No dev notes: set corpus.splits.dev, or dev_share above 0.")
    wanted, systems = job.config.labels, set(job.config.labels.code_systems)
    restricted = [
        CodedNote(c.note, tuple(x for x in c.codes if x.system in systems)) for c in train
    ]
    labels = LabelSpace.of(restricted, min_count=wanted.min_count, top_k=wanted.top_k)
    if not len(labels):
        raise CorpusError(
            f"No code of {', '.join(wanted.systems)} stands in {wanted.min_count} training notes. "
            "Lower labels.min_count, or name other systems."
        )
    return labels


def dev_figures(predictor: Predictor, dev: Sequence[CodedNote]) -> dict[str, float]:
    """Return MAP and the best micro F1 on dev; labels of no training note count as missed."""
    scores = predictor.scores([coded.note for coded in dev])
    truth = predictor.truth(dev).astype(np.float64)
    return {
        "map": mean_average_precision(truth, scores),
        "micro_f1": best_threshold(truth, scores).micro_f1,
    }


def decide_and_save(
    job: Job,
    predictor: Predictor,
    train: Sequence[CodedNote],
    dev: Sequence[CodedNote],
    measured: Mapping[str, float],
) -> None:
    """Set calibration, thresholds, bands and the share of evidence on dev; write the bundle."""
    job.report("setting thresholds, calibration and bands on dev")
    predictor.fit_decisions(dev, method=job.config.calibration)
    fit_share(predictor, dev)
    predictor.save(job.output, _manifest(job, train, measured))


def _manifest(
    job: Job, train: Sequence[CodedNote], measured: Mapping[str, float]
) -> ClassifierManifest:
    prepared = job.prepared
    return ClassifierManifest(
        name=job.config.name,
        convention=find_corpus(prepared.corpus).name,
        language=prepared.language,
        corpus=find_corpus(prepared.corpus).name,
        split=prepared.names["train"],
        corpus_digest=prepared.splits["train"].digest,
        n_notes=len(train),
        reader=read_note(train[0].note).fingerprint,
        version=__version__,
        licence=prepared.licence.name,
        restricted=prepared.licence.weights is not Weights.SHAREABLE,
        sources=code_set_versions(load_icd10cm()),
        measured=measured,
    )
