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
    load_corpus,
    read_coded_notes,
    refuse_test_ids,
    require_learnable,
)
from cac.corpus.projection.texts import align_pairs, pair_of
from cac.corpus.terms import load_disease_ontology
from cac.errors import CodeSetError, CorpusError, SettingsError
from cac.learn.bundle import (
    Manifest,
    read_dictionary,
    require_writable,
    write_bundle,
    write_dictionary,
)
from cac.learn.calibration import best_threshold
from cac.learn.official import OfficialTermBuilder, OfficialTerms
from cac.learn.terms import Annotated
from cac.learn.training import Learned, Report, learn
from cac.learn.translation import Dictionary, SentencePair, english_stem, learn_dictionary
from cac.learn.words import fold, function_words, stemmer
from cac.note import Note
from cac.read import read_note

_TRANSLATED = frozenset({"codiesp"})
_CONVENTIONS = {"mdace": "inpatient", "mdace_profee": "outpatient"}


def learn_bundle(
    corpus: str,
    split: str,
    language: str,
    output: Path,
    *,
    evidence: Path | None = None,
    report: Report = lambda _: None,
) -> Manifest:
    """Learn a bundle from a split of a corpus, or from ``evidence``, a file of coded notes.

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
    dictionary, texts = _dictionary(corpus, split, language, output)
    report("collecting official terms")
    official, sources = _official(notes, language)
    learned = learn(notes, official, dictionary, language, report=report)
    report("writing the bundle")
    manifest = Manifest(
        convention=_CONVENTIONS.get(corpus, corpus),
        language=language,
        corpus=corpus,
        split=split,
        corpus_digest=digest_of(coded),
        n_notes=len(notes),
        reader=notes[0].source.fingerprint,
        version=__version__,
        sources=sources,
        translation=texts,
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


def _dictionary(corpus: str, split: str, language: str, output: Path) -> tuple[Dictionary, str]:
    """Learn a dictionary from the corpus's own translation, where it has one.

    It takes the longest of all stages, so it is kept at once and used again for the same texts.
    """
    if corpus not in _TRANSLATED or language == "en":
        return Dictionary(), ""
    pairs: list[tuple[Note, Note]] = []
    for part in (split, "background"):
        translated = {c.note.note_id: c.note for c in load_corpus(corpus, part, "en")}
        originals = (c.note for c in load_corpus(corpus, part, language))
        pairs += [(n, translated[n.note_id]) for n in originals if n.note_id in translated]
    texts = sha256(repr([(one.text, two.text) for one, two in pairs]).encode()).hexdigest()
    known = read_dictionary(output, texts)
    if known is None:
        known = learn_dictionary(_sentence_pairs(pairs, language))
        write_dictionary(output, known, texts)
    return known, texts


def _sentence_pairs(pairs: Sequence[tuple[Note, Note]], language: str) -> list[SentencePair]:
    aligned = align_pairs([pair_of(one.text, two.text) for one, two in pairs])
    stem, stops, english_stops = (
        stemmer(language),
        function_words(language),
        function_words("en"),
    )
    found: list[SentencePair] = []
    for (one, two), beads in zip(pairs, aligned, strict=True):
        for bead in beads:
            source = [fold(one.text[w.span.start : w.span.end]) for w in bead.source]
            target = [fold(two.text[w.span.start : w.span.end]) for w in bead.target]
            found.append(
                (
                    [stem(word) for word in source if word not in stops],
                    [english_stem(word) for word in target if word not in english_stops],
                )
            )
    return found


def _official(notes: Sequence[Annotated], language: str) -> tuple[OfficialTerms, dict[str, str]]:
    release = load_icd10cm()
    values = {c.value for note in notes for c in note.codes if c.system is CodeSystem.ICD10CM}
    seventh = any(len(value.replace(".", "")) == 7 for value in values)
    builder = OfficialTermBuilder(release, language, seventh=seventh)
    builder.add_release()
    builder.add_index(load_index())
    sources = {"ICD-10-CM": release.release, "Disease Ontology": "as in CAC_DATA"}
    tables = _procedure_tables()
    if tables:
        builder.add_procedures(tables)
        sources["ICD-10-PCS"] = tables.release
    builder.add_ontology(load_disease_ontology(data_folder()))
    return builder.build(), sources


def _procedure_tables() -> Icd10pcs | None:
    """Return ICD-10-PCS where the user has it; without, only sites of the evidence are known."""
    try:
        return load_icd10pcs()
    except CodeSetError:
        return None


def _measured(learned: Learned) -> dict[str, dict[str, float]]:
    """Return the micro F1 of cross-validation at its own best threshold, by system."""
    figures = {}
    for system, (chances, truth) in learned.held_out.items():
        if len(chances):
            kept = chances >= best_threshold(chances, truth, learned.n_gold[system])
            f1 = 2 * float(truth[kept].sum()) / (float(kept.sum()) + learned.n_gold[system])
            figures[system.value] = {"micro_f1": round(f1, 4), "n_gold": learned.n_gold[system]}
    return figures
