"""A corpus becomes three files of coded notes; what may not be learnt from is refused."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cac.coding import Code, CodedNote, CodeSystem
from cac.corpus import Weights, leaking_patients, write_coded_notes
from cac.corpus.held_out import held_out_ids
from cac.errors import CacError, CorpusError, SettingsError
from cac.note import Note
from training.config import RunConfig, parse_config
from training.prepare import main, prepare
from training.prepared import ROLES, Prepared
from training.tiny.__main__ import NOTES, tiny_notes

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"


def silent(_: str) -> None:
    pass


def test_the_tiny_corpus_is_what_its_generator_writes(tmp_path: Path) -> None:
    write_coded_notes(tmp_path / "notes.jsonl", tiny_notes())
    assert (tmp_path / "notes.jsonl").read_bytes() == NOTES.read_bytes()


def test_splits_share_no_patient_and_keep_every_note(prepared: Prepared) -> None:
    splits = {role: prepared.notes(role) for role in ROLES}
    assert leaking_patients(splits) == {}
    assert sum(map(len, splits.values())) == len(tiny_notes())
    assert prepared.licence.weights is Weights.SHAREABLE
    assert prepared.splits["train"].n_evidence_spans == prepared.splits["train"].n_codes


def test_the_same_corpus_gives_the_same_bytes(
    config: RunConfig, prepared: Prepared, tmp_path: Path
) -> None:
    again = prepare(config, tmp_path, report=silent)
    assert again.splits == prepared.splits
    for role in ROLES:
        assert again.path(role).read_bytes() == prepared.path(role).read_bytes()


def test_what_was_prepared_is_read_back(prepared: Prepared) -> None:
    assert Prepared.read(prepared.folder) == prepared


def test_a_folder_without_a_prepared_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"Run `python -m training\.prepare"):
        Prepared.read(tmp_path)


def changed(raw: dict[str, Any], path: Path, **splits: Any) -> RunConfig:
    data = deepcopy(raw)
    data["corpus"]["name"] = str(path)
    data["corpus"]["splits"].update(splits)
    return parse_config(data, "x")


def test_dev_notes_may_be_set_apart_from_the_training_patients(
    raw: dict[str, Any], tmp_path: Path
) -> None:
    config = changed(raw, NOTES, dev=None, dev_share=0.25)
    found = prepare(config, tmp_path, report=silent)
    n_all = found.splits["train"].n_patients + found.splits["dev"].n_patients
    assert 0.1 < found.splits["dev"].n_patients / n_all < 0.4
    assert leaking_patients({role: found.notes(role) for role in ROLES}) == {}


def test_a_test_note_of_a_benchmark_is_refused_in_training(
    raw: dict[str, Any], tmp_path: Path
) -> None:
    test_id = sorted(held_out_ids()["codiesp"])[0]
    note = CodedNote(Note(test_id, "Asthma."), (Code(CodeSystem.ICD10CM, "J45.909"),))
    for role in ROLES:
        write_coded_notes(tmp_path / f"{role}.jsonl", [note] if role == "train" else [])
    with pytest.raises(SettingsError, match="Notes of a test split"):
        prepare(changed(raw, tmp_path), tmp_path / "out", report=silent)


def test_a_split_without_codes_is_refused(raw: dict[str, Any], tmp_path: Path) -> None:
    for number, role in enumerate(ROLES):
        write_coded_notes(tmp_path / f"{role}.jsonl", [CodedNote(Note(f"n{number}", "Well."), ())])
    with pytest.raises(CorpusError, match="none with a code"):
        prepare(changed(raw, tmp_path), tmp_path / "out", report=silent)


def test_an_evaluation_corpus_is_never_learnt_from(raw: dict[str, Any], tmp_path: Path) -> None:
    data = deepcopy(raw)
    data["corpus"]["name"] = "aci_bench"
    data["corpus"]["splits"].update(train="train", dev=None, test="dev")
    with pytest.raises(CacError, match="Nothing may be learnt from aci_bench"):
        prepare(parse_config(data, "x"), tmp_path, report=silent)


def test_the_command_says_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([str(TINY), "--output", str(tmp_path), "--limit", "5"]) == 0
    assert "train: 5 notes" in capsys.readouterr().err
    assert Prepared.read(tmp_path).limit == 5


def test_a_wrong_config_is_one_line_and_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "no.yaml")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "cannot be read" in err
