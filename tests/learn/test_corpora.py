"""From a folder of a corpus to a bundle that answers; the code sets are left out for speed."""

from pathlib import Path

import pytest

from cac.coding import CodedNote, CodeEvidence
from cac.corpus import write_coded_notes
from cac.errors import CorpusError, SettingsError
from cac.learn import LearnedModel, corpora
from cac.learn.bundle import read_manifest
from cac.learn.corpora import digest_of, learn_bundle
from cac.learn.official import OfficialTerms
from cac.note import Note
from cac.read import read_note

from .conftest import coded_note

ENGLISH = {"Presenta dolor abdominal.": "He has abdominal pain.", "Tiene fiebre.": "He has fever."}


def write_texts(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: list[CodedNote]) -> Path:
    """CodiEsp as it is published: the tiny corpus as train, two texts as background."""
    train, background = tmp_path / "codiesp" / "train", tmp_path / "codiesp" / "background"
    write_texts(train / "text_files", {c.note.note_id: c.note.text for c in corpus})
    write_texts(train / "text_files_en", {c.note.note_id: "Nothing." for c in corpus})
    write_texts(background / "text_files", {f"b{n}": text for n, text in enumerate(ENGLISH)})
    write_texts(background / "text_files_en", {f"b{n}": t for n, t in enumerate(ENGLISH.values())})
    rows: dict[str, list[str]] = {"D": [], "P": [], "X": []}
    for coded in corpus:
        for evidence in coded.evidence:
            task = "P" if evidence.code.value.startswith("B") else "D"
            label = "PROCEDIMIENTO" if task == "P" else "DIAGNOSTICO"
            (span,) = evidence.spans
            words, value = coded.note.text[span.start : span.end], evidence.code.value.lower()
            rows[task].append(f"{coded.note.note_id}\t{value}")
            place = f"{span.start} {span.end}"
            rows["X"].append(f"{coded.note.note_id}\t{label}\t{value}\t{words}\t{place}")
    for task, lines in rows.items():
        (train / f"train{task}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("CAC_DATA", str(tmp_path))
    monkeypatch.setattr(corpora, "_official", lambda *_: (OfficialTerms(), {"ICD-10-CM": "2027"}))
    return tmp_path


def test_a_corpus_becomes_a_bundle_that_answers(data: Path, corpus: list[CodedNote]) -> None:
    stages: list[str] = []
    manifest = learn_bundle("codiesp", "train", "es", data / "bundle", report=stages.append)
    assert stages[0] == "reading notes"
    assert stages[-1] == "writing the bundle"
    assert (manifest.convention, manifest.n_notes) == ("codiesp", len(corpus))
    assert manifest == read_manifest(data / "bundle")
    assert set(manifest.measured) == {"ICD-10-CM", "ICD-10-PCS"}
    model = LearnedModel.load(data / "bundle")
    note = read_note(Note("x", "Ingresa por neumonía.", language="es"))
    assert "J18.9" in [scored.code.value for scored in model.predict(note)]


def test_notes_without_evidence_teach_nothing(data: Path) -> None:
    with pytest.raises(CorpusError, match="--evidence"):
        learn_bundle("codiesp", "train", "en", data / "bundle")
    assert not (data / "bundle").exists()


def test_notes_of_another_language_are_refused(data: Path) -> None:
    write_coded_notes(data / "notes.jsonl", [coded_note(0, ["fiebre alta"])])
    with pytest.raises(SettingsError, match="'es', not 'en'"):
        learn_bundle("codiesp", "train", "en", data / "b", evidence=data / "notes.jsonl")


def test_the_digest_sees_every_change_but_the_order(corpus: list[CodedNote]) -> None:
    digest = digest_of(corpus)
    assert digest_of(reversed(corpus)) == digest
    first, *rest = corpus
    fewer = CodedNote(first.note, first.codes[:-1], first.evidence)
    moved = CodedNote(first.note, first.codes, (CodeEvidence(first.codes[0]),))
    assert len({digest, digest_of([fewer, *rest]), digest_of([moved, *rest]), digest_of(rest)}) == 4
