"""What the shipped finder knows stands beside what is learnt, in English."""

from __future__ import annotations

from pathlib import Path

import pytest

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.learn.bundle import Manifest, write_bundle
from cac.learn.known import finder_version, known_mentions
from cac.learn.model import LearnedModel
from cac.learn.official import OfficialTerms
from cac.learn.terms import Annotated
from cac.learn.training import learn
from cac.learn.translation import Dictionary
from cac.note import Note, Span
from cac.read import read_note

TERMS = {"gout": "M10.9", "migraine": "G43.909", "asthma": "J45.909", "acute bronchitis": "J20.9"}
OPENING = "Assessment: "


def coded(number: int) -> CodedNote:
    words = list(TERMS)[number % len(TERMS)]
    code = Code(CodeSystem.ICD10CM, TERMS[words])
    evidence = CodeEvidence(code, (Span(len(OPENING), len(OPENING) + len(words)),))
    return CodedNote(Note(f"n{number}", f"{OPENING}{words}, stable."), (code,), (evidence,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    notes = [Annotated.of(c, read_note(c.note)) for c in map(coded, range(120))]
    found = learn(
        notes,
        OfficialTerms({}),
        Dictionary({}),
        "en",
        extra=lambda note: known_mentions(note.source),
        n_trees=10,
    )
    folder = tmp_path_factory.mktemp("known") / "bundle"
    manifest = Manifest(
        convention="codiesp",
        language="en",
        corpus="tiny",
        split="train",
        corpus_digest="0" * 64,
        n_notes=len(notes),
        reader=notes[0].source.fingerprint,
        version="0",
        finder=finder_version("en"),
    )
    write_bundle(folder, manifest, found.finder, found.scorers)
    return folder


def test_a_code_without_an_example_is_found_with_its_words(folder: Path) -> None:
    text = "Assessment: acute appendicitis, gout."
    found = {s.code.value: s for s in LearnedModel.load(folder).predict(read_note(Note("n", text)))}
    assert "M10.9" in found
    [span] = found["K35.80"].mentions[0].spans
    assert text[span.start : span.end] == "acute appendicitis"


def test_a_bundle_learnt_without_the_finder_does_not_ask_it(folder: Path) -> None:
    model = LearnedModel.load(folder)
    object.__setattr__(model.manifest, "finder", "")
    found = model.predict(read_note(Note("n", "Assessment: acute appendicitis, gout.")))
    assert [s.code.value for s in found] == ["M10.9"]


def test_where_it_lacks_the_official_wording_the_finder_is_not_asked() -> None:
    assert known_mentions(read_note(Note("n", "Apendicitis aguda.", language="es"))) == ()
    assert finder_version("es") == ""
