"""From a corpus by name to a bundle: what is read, aligned and looked up before learning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from cac import __version__
from cac.codes import load_icd10cm, load_index
from cac.codes.icd10pcs import Icd10pcs, load_icd10pcs
from cac.coding import CodedNote, CodeSystem
from cac.corpus import (
    data_folder,
    find_corpus,
    load_corpus,
    read_coded_notes,
    refuse_test_ids,
    require_learnable,
)
from cac.corpus.terms import CodedTerm, load_disease_ontology
from cac.decide.calibration import Method
from cac.errors import CodeSetError, CorpusError, SettingsError
from cac.learn.bundle import (
    Manifest,
    require_writable,
    write_bundle,
)
from cac.learn.context import ContextTraining
from cac.learn.known import finder_version, known_mentions
from cac.learn.official import OfficialTermBuilder, OfficialTerms
from cac.learn.parallel import corpus_dictionary
from cac.learn.terms import Annotated
from cac.learn.training import IsUnused, Learned, Report, learn
from cac.read import read_note

_CONVENTIONS = {"mdace": "inpatient", "mdace_profee": "outpatient"}


def learn_bundle(
    corpus: str,
    split: str,
    language: str,
    output: Path,
    *,
    evidence: Path | None = None,
    context: ContextTraining | None = None,
    unused: IsUnused = lambda _: False,
    report: Report = lambda _: None,
    method: Method = "platt",
) -> Manifest:
    """Learn a bundle from a split of a corpus, or from ``evidence``, a file of coded notes.

    ``method`` is the calibration; ``unused`` tells the codes that nobody could choose when the
    notes were coded.

    Raises:
        SettingsError: the split may not be learnt from, or a note belongs to a test split.
        CorpusError: the notes have no evidence.
    """
    require_learnable(corpus, split)
    require_writable(output)
    report("reading notes")
    coded = list(read_coded_notes(evidence) if evidence else load_corpus(corpus, split, language))
    notes = _annotate(coded, language)
    report("aligning translations")
    dictionary, texts = corpus_dictionary(corpus, split, language, output)
    report("collecting official terms")
    official, sources = _official(notes, language)
    learned = learn(
        notes,
        official,
        dictionary,
        language,
        extra=lambda note: known_mentions(note.source),
        context=context,
        unused=unused,
        report=report,
        method=method,
    )
    report("writing the bundle")
    name = find_corpus(corpus).name
    manifest = Manifest(
        convention=_CONVENTIONS.get(name, name),
        language=language,
        corpus=name,
        split=split,
        corpus_digest=digest_of(coded),
        n_notes=len(notes),
        reader=notes[0].source.fingerprint,
        version=__version__,
        sources=sources,
        translation=texts,
        finder=finder_version(language),
        measured=_measured(learned),
    )
    return write_bundle(output, manifest, learned.finder, learned.scorers)


def digest_of(notes: Iterable[CodedNote]) -> str:
    """Return a checksum of ids, texts, codes and evidence, whatever their order."""
    records = sorted(json.dumps(_record(coded)) for coded in notes)
    return sha256("\n".join(records).encode()).hexdigest()


def _record(coded: CodedNote) -> list[object]:
    text = sha256(coded.note.text.encode("utf-8", "surrogatepass")).hexdigest()
    codes = sorted(f"{code.system}:{code.value}" for code in coded.codes)
    evidence = sorted(
        [e.code.value, *(f"{s.start}-{s.end}" for s in e.spans)] for e in coded.evidence
    )
    return [coded.note.note_id, text, codes, evidence]


def _annotate(coded: Sequence[CodedNote], language: str) -> list[Annotated]:
    refuse_test_ids(coded)
    with_evidence = [note for note in coded if note.evidence]
    if not with_evidence:
        raise CorpusError(
            "None of the notes has evidence to learn from. Name a file of coded notes that has "
            "with --evidence; for a translation, project the evidence first."
        )
    other = {note.note.language for note in coded} - {language}
    if other:
        raise SettingsError(f"The notes are in {', '.join(sorted(other))!r}, not {language!r}.")
    return [Annotated.of(note, read_note(note.note)) for note in coded]


def _official(notes: Sequence[Annotated], language: str) -> tuple[OfficialTerms, dict[str, str]]:
    release = load_icd10cm()
    values = {c.value for note in notes for c in note.codes if c.system is CodeSystem.ICD10CM}
    seventh = any(len(value.replace(".", "")) == 7 for value in values)
    builder = OfficialTermBuilder(release, language, seventh=seventh)
    builder.add_release()
    builder.add_index(load_index())
    sources = {"ICD-10-CM": release.release}
    tables = _procedure_tables()
    if tables:
        builder.add_procedures(tables)
        sources["ICD-10-PCS"] = tables.release
    ontology = _ontology()
    if ontology:
        builder.add_ontology(ontology)
        sources["Disease Ontology"] = f"{len(ontology)} terms"
    return builder.build(), sources


def _procedure_tables() -> Icd10pcs | None:
    """Return ICD-10-PCS where the user has it; without, only sites of the evidence are known."""
    try:
        return load_icd10pcs()
    except CodeSetError:
        return None


def _ontology() -> list[CodedTerm]:
    """Return the terms of the Disease Ontology where the user has it."""
    try:
        return list(load_disease_ontology(data_folder()))
    except CorpusError:
        return []


def _measured(learned: Learned) -> dict[str, dict[str, float]]:
    """Return the micro F1 of cross-validation at the threshold of the bundle, by system."""
    figures = {}
    for system, calibration in learned.scorers.calibration.items():
        chances, truth = learned.held_out[system]
        kept = calibration.apply(chances) >= calibration.threshold
        n_gold = learned.n_gold[system]
        f1 = 2 * float(truth[kept].sum()) / (float(kept.sum()) + n_gold)
        figures[system.value] = {"micro_f1": round(f1, 4), "n_gold": n_gold}
    return figures
