"""A transformer that scores the shipped finder's mentions in their context, for any convention.

Nothing else is learnt: the finder, the rules and the conventions stay as they are, and the bundle
is small enough to ship.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from cac import __version__
from cac.classify.candidates import CandidateModel
from cac.classify.packing import pack_weights, unpack_weights
from cac.codes import load_icd10cm
from cac.coding import Code, CodedNote, CodeSystem, Mention
from cac.corpus import Weights, find_corpus
from cac.errors import SettingsError
from cac.find.load import load_finder, rules_version
from cac.mention_context import ContextManifest, as_candidates, write_context
from cac.metrics.thresholds import best_threshold
from cac.note import Span
from cac.rank import convention_names
from cac.read import read_note
from cac.versions import code_set_versions
from training.candidate_fit import Example, train_scorer
from training.candidate_objective import CandidateTargets
from training.checkpoint import Checkpoint
from training.kinds import Job
from training.model_config import ContextConfig
from training.report.curves import Curve

SYSTEM = CodeSystem.ICD10CM


@dataclass(frozen=True, slots=True)
class Found:
    """A coded note with what the finder finds in it; ``reader`` is what read it."""

    coded: CodedNote
    mentions: Sequence[Mention]
    reader: str


def fit(job: Job) -> None:
    """Train the transformer, measure on dev notes what int8 costs, and write the bundle."""
    config = job.config.model
    if not isinstance(config, ContextConfig):
        raise SettingsError(f"model.kind is {config.kind!r}, not 'context'.")
    job.report("finding mentions")
    train, dev = find(job.prepared.notes("train")), find(job.prepared.notes("dev"))
    losses: list[float] = []

    def tell(epoch: int, figures: Mapping[str, float]) -> None:
        losses.append(figures["loss"])
        job.run.figures({"loss": figures["loss"]}, step=epoch)
        job.report(f"epoch {epoch + 1}: loss {figures['loss']:.4f}")

    model = train_scorer(
        config,
        [example_of(found) for found in train],
        seed=job.config.seed,
        checkpoint=Checkpoint(job.output.with_name(f"{job.output.name}.checkpoint"), job.inputs),
        tell=tell,
    )
    job.curve(Curve("learning_curve", ("epoch", "loss"), tuple(enumerate(losses, start=1))))
    job.report("measuring what int8 costs")
    measured = {"dev/micro_f1_float32": micro_f1(model, dev)} if dev else {}
    if config.int8:
        model.scorer.load_state_dict(
            unpack_weights(pack_weights(model.scorer.state_dict(), int8=True))
        )
        model.encode_codes()
        measured |= {"dev/micro_f1_int8": micro_f1(model, dev)} if dev else {}
    job.run.figures(measured)
    write_context(job.output, _manifest(job, train, measured), model, int8=config.int8)


def find(notes: Sequence[CodedNote]) -> list[Found]:
    """Read notes and find their mentions, as the suggester does."""
    found = []
    for coded in notes:
        annotated = read_note(coded.note)
        codes = load_icd10cm(service_date=coded.note.service_date)
        mentions = load_finder(codes, coded.note.language).find(annotated)
        found.append(Found(coded, mentions, annotated.fingerprint))
    return found


def example_of(found: Found) -> Example:
    """Return what is learnt from a note.

    A mention is right where it shares a character with evidence of its code. Notes without
    evidence teach by their codes alone.
    """
    evidence: dict[Code, list[Span]] = defaultdict(list)
    for annotated in found.coded.evidence:
        evidence[annotated.code] += annotated.spans
    pairs = [(m.extent, c.code) for m in found.mentions for c in m.candidates]
    covered = [any(e.overlaps(extent) for e in evidence[code]) for extent, code in pairs]
    gold = set(found.coded.codes)
    targets = CandidateTargets(
        np.array(covered, dtype=bool) if found.coded.evidence else None,
        np.array([code in gold for _, code in pairs], dtype=bool),
    )
    return Example(found.coded.note.text, as_candidates(found.mentions), targets)


def micro_f1(model: CandidateModel, notes: Sequence[Found]) -> float:
    """Return the micro F1 of codes by their best mention, at the cut that is best for it."""
    scores, gold = [], []
    for found in notes:
        candidates = as_candidates(found.mentions)
        best: dict[Code, float] = {}
        logits = model.logits(found.coded.note.text, candidates).tolist()
        for code, logit in zip(candidates.codes, logits, strict=True):
            best[code] = max(best.get(code, -np.inf), logit)
        scores.append(best)
        gold.append({code: 1.0 for code in found.coded.codes if code.system is SYSTEM})
    columns = {code: n for n, code in enumerate(sorted({c for row in scores + gold for c in row}))}
    return best_threshold(_matrix(gold, columns), _matrix(scores, columns)).micro_f1


def _matrix(rows: Sequence[dict[Code, float]], columns: dict[Code, int]) -> sparse.csr_matrix:
    places = [
        (n, columns[code], value) for n, row in enumerate(rows) for code, value in row.items()
    ]
    row, column, values = zip(*places, strict=True) if places else ((), (), ())
    return sparse.csr_matrix((values, (row, column)), shape=(len(rows), len(columns)))


def _manifest(job: Job, train: Sequence[Found], measured: dict[str, float]) -> ContextManifest:
    prepared = job.prepared
    corpus = find_corpus(prepared.corpus).name
    return ContextManifest(
        convention=corpus if corpus in convention_names() else "all-mentions",
        language=prepared.language,
        corpus=corpus,
        split=prepared.names["train"],
        corpus_digest=prepared.splits["train"].digest,
        n_notes=len(train),
        reader=train[0].reader,
        version=__version__,
        licence=prepared.licence.name,
        restricted=prepared.licence.weights is not Weights.SHAREABLE,
        sources={**code_set_versions(load_icd10cm()), "finder rules": rules_version()},
        measured={name: round(value, 6) for name, value in measured.items()},
    )
