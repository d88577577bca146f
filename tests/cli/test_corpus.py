"""``cac corpus``: list, check, export and project."""

import pytest

from cac.cli import main
from cac.coding import CodedNote
from cac.corpus import CORPORA, TERM_SOURCES, projection, read_coded_notes


@pytest.fixture
def folder(tmp_path):
    """CodiEsp's training split alone, one note in two languages."""
    train = tmp_path / "codiesp" / "train"
    for name, text in (("text_files", "Con fiebre alta."), ("text_files_en", "With high fever.\n")):
        (train / name).mkdir(parents=True)
        (train / name / "X-1.txt").write_text(text, encoding="utf-8")
    (train / "trainD.tsv").write_text("X-1\tr50.9\n", encoding="utf-8")
    (train / "trainP.tsv").write_text("", encoding="utf-8")
    row = "X-1\tDIAGNOSTICO\tr50.9\tfiebre alta\t4 15\n"
    (train / "trainX.tsv").write_text(row, encoding="utf-8")
    return tmp_path


def test_list_names_every_corpus_with_its_licence(capsys):
    assert main(["corpus", "list"]) == 0
    out = capsys.readouterr().out
    for source in (*CORPORA.values(), *TERM_SOURCES.values()):
        (line,) = (row for row in out.splitlines() if row.split()[0] == source.name)
        assert source.licence in line


def test_check_counts_and_names_what_is_missing(folder, capsys):
    assert main(["corpus", "check", str(folder)]) == 0
    out = capsys.readouterr().out
    rows = {tuple(row.split()[:3]): row.split()[3:] for row in out.splitlines()}
    assert rows["codiesp", "train", "es"] == ["1", "1", "1", "0", "ok"]
    assert rows["codiesp", "dev", "es"] == ["-", "-", "-", "-", "missing"]
    assert "Download CodiEsp v4" in out
    assert out.count("No NOTEEVENTS.csv.gz of MIMIC-III") == 1


def test_check_fails_on_damage_and_on_a_missing_corpus_asked_for(folder, capsys):
    assert main(["corpus", "check", str(folder), "--corpus", "negex"]) == 1
    row = "X-1\tDIAGNOSTICO\tr50.9\twords\t4 500\n"
    (folder / "codiesp/train/trainX.tsv").write_text(row, encoding="utf-8")
    assert main(["corpus", "check", str(folder)]) == 1
    assert "do not stand at '4 500' of note X-1" in capsys.readouterr().out


def test_check_of_an_unknown_corpus_or_folder(folder, capsys):
    assert main(["corpus", "check", str(folder), "--corpus", "codesp"]) == 2
    assert "Unknown corpus 'codesp'. Known: codiesp" in capsys.readouterr().err
    assert main(["corpus", "check", str(folder / "none")]) == 2
    assert "does not exist. Set CAC_DATA" in capsys.readouterr().err


def test_export_writes_coded_notes(folder, tmp_path, capsys):
    output = tmp_path / "train.jsonl"
    arguments = ["--split", "train", "--folder", str(folder), "--output", str(output)]
    assert main(["corpus", "export", "codiesp", *arguments]) == 0
    (coded,) = read_coded_notes(output)
    assert str(coded.codes[0]) == "R50.9"
    assert "1 notes of codiesp train" in capsys.readouterr().out


def test_project_writes_the_english_training_notes(folder, tmp_path, monkeypatch, capsys):
    for split in ("dev", "background"):
        for name in ("text_files", "text_files_en"):
            (folder / "codiesp" / split / name).mkdir(parents=True)
    for name in ("D", "P", "X"):
        (folder / f"codiesp/dev/dev{name}.tsv").write_text("", encoding="utf-8")
    monkeypatch.setattr(
        projection, "align_words", lambda pairs: [frozenset({(1, 2), (2, 1)}) for _ in pairs]
    )
    arguments = ["--folder", str(folder), "--output", str(tmp_path)]
    assert main(["corpus", "project", *arguments]) == 0
    (coded,) = read_coded_notes(tmp_path / "codiesp_en_train.jsonl")
    assert isinstance(coded, CodedNote)
    (span,) = coded.evidence[0].spans
    assert coded.note.text[span.start : span.end] == "high fever"
    assert "1 of 1 annotations projected, 1 of them in one piece" in capsys.readouterr().out


def test_project_needs_a_folder_to_write_to(folder, capsys):
    arguments = ["--folder", str(folder), "--output", str(folder / "none")]
    assert main(["corpus", "project", *arguments]) == 2
    assert "Make it, or name another --output" in capsys.readouterr().err
    assert main(["corpus", "project", "--corpus", "mdace", *arguments]) == 2
    assert "Allowed: codiesp" in capsys.readouterr().err
