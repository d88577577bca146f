"""A tiny invented corpus: a few Spanish findings, coded wherever they are written."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.learn.official import OfficialTerms, term_key
from cac.learn.terms import Annotated
from cac.learn.training import Learned, learn
from cac.learn.translation import Dictionary, Translation
from cac.note import AnnotatedNote, Note, Section, Span

READER = "tiny-reader"
TERMS = {
    "dolor abdominal": "R10.9",
    "dolor": "R52",
    "fiebre alta": "R50.9",
    "neumonía": "J18.9",
    "litiasis renal derecha": "N20.0",
    "ecografía abdominal": "BW40ZZZ",
    "TAC cerebral": "B020",
}
FILLER = ("El paciente acudió a consulta.", "Se dio de alta.", "La evolución fue buena.")


def code(value: str) -> Code:
    procedure = value.startswith("B")
    return Code(CodeSystem.ICD10PCS if procedure else CodeSystem.ICD10CM, value)


def read(note: Note) -> AnnotatedNote:
    """Read as `cac.read` does, by full stops alone."""
    sentences = tuple(Span(m.start(), m.end()) for m in re.finditer(r"[^.]+\.?", note.text))
    whole = Section("other", Span(0, 0), Span(0, len(note.text)))
    return AnnotatedNote(note, (whole,), sentences, (), (), READER)


def coded_note(number: int, terms: list[str], language: str = "es") -> CodedNote:
    """Write each term into a sentence of its own and annotate it."""
    text, evidence = FILLER[number % 3], []
    for term in terms:
        start = len(text) + len(" Presenta ")
        text += f" Presenta {term}. {FILLER[(number + 1) % 3]}"
        evidence.append(CodeEvidence(code(TERMS[term]), (Span(start, start + len(term)),)))
    note = Note(f"n{number}", text, language=language)
    return CodedNote(note, tuple({e.code: None for e in evidence}), tuple(evidence))


@pytest.fixture(scope="session")
def corpus() -> list[CodedNote]:
    """60 notes of two terms each; every third leaves a mention of "dolor" uncoded."""
    terms = list(TERMS)
    notes = []
    for number in range(60):
        chosen = [terms[number % len(terms)], terms[(number * 3 + 1) % len(terms)]]
        coded = coded_note(number, list(dict.fromkeys(chosen)))
        if number % 3 == 0:
            text = coded.note.text + " Escala del dolor explicada."
            coded = CodedNote(
                Note(coded.note.note_id, text, language="es"), coded.codes, coded.evidence
            )
        notes.append(coded)
    return notes


@pytest.fixture(scope="session")
def annotate() -> Callable[[CodedNote], Annotated]:
    return lambda coded: Annotated.of(coded, read(coded.note))


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    return Dictionary(
        {
            "miopi": (Translation("myopia", 0.9, 0.8),),
            "rinon": (Translation("kidney", 0.9, 0.5),),
            "renal": (Translation("kidney", 0.5, 0.4), Translation("renal", 0.5, 0.9)),
        }
    )


@pytest.fixture(scope="session")
def official() -> OfficialTerms:
    return OfficialTerms({term_key("Myopia", "en"): {code("H52.10"): "tu", code("H52.1"): "px"}})


@pytest.fixture(scope="session")
def learned(
    corpus: list[CodedNote],
    annotate: Callable[[CodedNote], Annotated],
    official: OfficialTerms,
    dictionary: Dictionary,
) -> Learned:
    return learn([annotate(note) for note in corpus], official, dictionary, "es", n_trees=15)
