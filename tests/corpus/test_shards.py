"""A corpus written in files: whole, resumed, and with its licence."""

from itertools import islice

import pytest

from cac.cli import main
from cac.coding import CodedNote
from cac.corpus import Weights, find_corpus, load_corpus, require_learnable
from cac.corpus.coded_notes import write_coded_notes
from cac.corpus.shards import write_shards
from cac.errors import InputError, SettingsError
from cac.note import Note

KEY = {"corpus": "mine"}


def notes(n_notes, text="text"):
    return (CodedNote(Note(f"n{i}", f"{text} {i}"), ()) for i in range(n_notes))


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("n_notes", [0, 1, 4, 5, 6, 10])
def test_every_note_is_written_once_whatever_the_size(tmp_path, n_notes):
    for folder in (tmp_path / "a", tmp_path / "b"):
        assert write_shards(folder, notes(n_notes), key=KEY, n_each=5) == n_notes
        assert write_shards(folder, notes(n_notes), key=KEY, n_each=5) == n_notes
    assert files(tmp_path / "a") == files(tmp_path / "b")


@pytest.mark.parametrize("n_before", [3, 5, 12])
def test_an_interrupted_run_goes_on_to_the_same_files(tmp_path, n_before):
    def interrupted():
        yield from islice(notes(17), n_before)
        raise KeyboardInterrupt

    told = []
    with pytest.raises(KeyboardInterrupt):
        write_shards(tmp_path / "a", interrupted(), key=KEY, n_each=5)
    assert write_shards(tmp_path / "a", notes(17), key=KEY, n_each=5, report=told.append) == 17
    assert len(told) == 4 - n_before // 5
    write_shards(tmp_path / "b", notes(17), key=KEY, n_each=5)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_a_folder_of_something_else_is_refused(tmp_path):
    def stop():
        yield from notes(7)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shards(tmp_path, stop(), key=KEY, n_each=5)
    with pytest.raises(InputError, match="answer to another question"):
        write_shards(tmp_path, notes(9), key={"corpus": "other"}, n_each=5)
    with pytest.raises(InputError, match="The corpus has changed"):
        write_shards(tmp_path, islice(notes(9), 1, None), key=KEY, n_each=5)
    (tmp_path / "00000.jsonl.gz").write_bytes(b"cut")
    with pytest.raises(InputError, match=r"00000.jsonl.gz is damaged or missing"):
        write_shards(tmp_path, notes(9), key=KEY, n_each=5)


def test_what_is_exported_reads_as_a_corpus_and_keeps_its_licence(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("CAC_MIMIC_IV", raising=False)
    data, output = tmp_path / "data", tmp_path / "export"
    assert main(["corpus", "invent", str(data), "--admissions", "60", "--seed", "4"]) == 0
    assert "note/discharge: " in capsys.readouterr().out
    asked = ["corpus", "export", "mimiciv", "--data", str(data), "--output", str(output)]
    assert main([*asked, "--shard-size", "7"]) == 0
    assert "notes of mimiciv train in" in capsys.readouterr().out
    for split in ("train", "dev", "test"):
        assert load_corpus(str(output), split) == load_corpus("mimiciv", split, folder=data)
    corpus = find_corpus(str(output))
    assert corpus.weights is Weights.RESTRICTED
    assert corpus.licence.startswith("PhysioNet")
    before = files(output / "train")
    assert main([*asked, "--shard-size", "7", "--split", "train"]) == 0
    assert files(output / "train") == before


def test_what_is_for_evaluation_only_stays_so(tmp_path):
    path = tmp_path / "train.jsonl"
    write_coded_notes(path, notes(2))
    (tmp_path / "card.md").write_text("---\nlicence: X\nweights: evaluation-only\n---\n")
    with pytest.raises(SettingsError, match="for evaluation only"):
        require_learnable(str(tmp_path), "train")


def test_wrong_wishes_are_named(tmp_path, capsys):
    asked = ["corpus", "export", "mimiciv", "--output", str(tmp_path / "x")]
    assert main(asked) == 2
    assert "Name one --split" in capsys.readouterr().err
    assert main([*asked, "--shard-size", "0"]) == 2
    assert "Allowed: 1 or more" in capsys.readouterr().err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert main(["corpus", "invent", str(tmp_path / "full")]) == 2
    assert "is not empty" in capsys.readouterr().err
