"""``cac suggest`` from the command line to its answer, with a suggester that needs no model."""

import csv
import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cac.cli import main
from cac.errors import BundleError

TEXT = "A/P:\nHas asthma 😀, asthma again; perhaps chest pain. No fever."


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "visit.txt"
    path.write_text(TEXT)
    return path


def notes(path: Path, **texts: str) -> Path:
    rows = (json.dumps({"note_id": n, "text": t}) + "\n" for n, t in texts.items())
    path.write_text("".join(rows))
    return path


def answers(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_json_lines_hold_what_is_promised(
    note: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", str(note), "--format", "jsonl"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    [line] = captured.out.splitlines()
    answer = json.loads(line)
    assert set(answer) == {
        *("note_id", "suggestions", "model_version", "code_set_versions"),
        *("convention", "calibrated", "options"),
    }
    assert answer["code_set_versions"] == {"ICD-10-CM": "2027"}
    first = answer["suggestions"][0]
    assert first["system"] == "ICD-10-CM"
    assert (first["code"], first["rank"], first["probability"]) == ("J45.909", 1, 0.75)
    assert first["concerns"][0]["kind"] == "unspecified"
    assert len(first["evidence"]) == 2
    for suggestion in answer["suggestions"]:
        for evidence in suggestion["evidence"]:
            assert TEXT[evidence["start"] : evidence["end"]] == evidence["text"]
            assert set(evidence) == {
                *("start", "end", "text", "section", "assertion", "weight", "mention")
            }


def test_rejected_codes_are_listed_only_if_asked(
    note: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", str(note), "--format", "jsonl", "--include-rejected"]) == 0
    answer = json.loads(capsys.readouterr().out)
    [rejected] = answer["rejected"]
    assert (rejected["code"], rejected["rejected_because"]) == ("R50.9", "negated")
    assert "R50.9" not in [s["code"] for s in answer["suggestions"]]


def test_unlikely_codes_and_those_past_the_number_asked_are_left_out(
    note: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in (["--top-k", "1"], ["--min-probability", "0.5"]):
        assert main(["suggest", str(note), "--format", "jsonl", *option]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert [s["code"] for s in answer["suggestions"]] == ["J45.909"]


def test_options_reach_the_suggester(
    note: Path, monkeypatch: pytest.MonkeyPatch, suggester: Any
) -> None:
    loaded: dict[str, Any] = {}

    def load(bundle: str | None, **options: object) -> Any:
        loaded.update(options, bundle=bundle)
        return suggester

    monkeypatch.setattr("cac.cli.suggest.load_suggester", load)
    options = ["--bundle", "b", "--system", "icd10cm, ICD-10-PCS", "--convention", "codiesp"]
    assert main(["suggest", str(note), *options]) == 0
    assert loaded["bundle"] == "b"
    assert [s.value for s in loaded["systems"]] == ["ICD-10-CM", "ICD-10-PCS"]
    assert loaded["convention"] == "codiesp"


def test_the_table_shows_code_evidence_and_concern(
    note: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", str(note)]) == 0
    out = capsys.readouterr().out
    for wanted in ("J45.909", "Unspecified asthma", "0.75", "uncalibrated", "[asthma]"):
        assert wanted in out
    assert "! The note leaves the type open." in out
    assert "chest pain]. No fever." in out


def test_csv_has_a_row_for_each_piece_of_evidence(
    note: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", str(note), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [r["code"] for r in rows] == ["J45.909", "J45.909", "R07.9"]
    assert all(TEXT[int(r["start"]) : int(r["end"])] == r["evidence"] for r in rows)


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "html", "txt"])
def test_the_ending_of_the_output_names_its_form(
    note: Path, tmp_path: Path, suggester: Any, suffix: str
) -> None:
    output = tmp_path / f"out.{suffix}"
    assert main(["suggest", str(note), "--output", str(output)]) == 0
    starts = {"jsonl": "{", "csv": "note_id,", "html": "<!doctype html>", "txt": "visit\n"}
    assert output.read_text().startswith(starts[suffix])


def test_a_bad_note_is_named_and_the_others_are_done(
    tmp_path: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notes(
        tmp_path / "n.jsonl", a=TEXT, b="", c=f"explode {TEXT}", d=f"outdated {TEXT}", e=TEXT
    )
    assert main(["suggest", str(path), "--format", "jsonl"]) == 1
    captured = capsys.readouterr()
    assert [json.loads(line)["note_id"] for line in captured.out.splitlines()] == ["a", "e"]
    lines = captured.err.splitlines()
    assert "line 2: note 'b': the text is empty" in lines[0]
    assert "note 'c': unexpected KeyError" in lines[1]
    assert "note 'd': No release holds on 1999-01-01" in lines[2]
    assert lines[3] == "cac: 2 notes done, 3 not (named above)."


def test_nothing_done_is_code_2(
    tmp_path: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", str(tmp_path / "gone.txt")]) == 2
    assert main(["suggest", str(notes(tmp_path / "none.jsonl"))]) == 2
    err = capsys.readouterr().err
    assert "no such file" in err
    assert "The input holds no note" in err


def test_a_damaged_bundle_stops_the_run_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load(*_: object, **__: object) -> None:
        raise BundleError("The bundle b lacks terms.json. Learn it again by `cac learn`.")

    monkeypatch.setattr("cac.cli.suggest.load_suggester", load)
    path = notes(tmp_path / "n.jsonl", a=TEXT, b=TEXT)
    assert main(["suggest", str(path), "--bundle", "b", "--output", str(tmp_path / "o.csv")]) == 2
    assert capsys.readouterr().err == (
        "cac: The bundle b lacks terms.json. Learn it again by `cac learn`.\n"
    )
    assert not (tmp_path / "o.csv").exists()


def test_an_output_that_is_an_input_is_refused(
    tmp_path: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notes(tmp_path / "n.jsonl", a=TEXT)
    assert main(["suggest", str(path), "--output", str(path)]) == 2
    assert "is an input too" in capsys.readouterr().err
    assert "text" in path.read_text()


@pytest.mark.parametrize("where", ["missing/out.jsonl", "file.txt/out.jsonl", "folder.jsonl"])
def test_an_output_that_cannot_be_opened_is_one_line(
    note: Path, tmp_path: Path, where: str, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "folder.jsonl").mkdir()
    assert main(["suggest", str(note), "--output", str(tmp_path / where)]) == 2
    err = capsys.readouterr().err
    assert f"Cannot write {tmp_path / where}: " in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_read_only_folder_is_one_line(
    note: Path,
    tmp_path: Path,
    number: int,
    suggester: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    # Root may write anywhere, so the system's answer is made here.
    monkeypatch.setattr("cac.outputs.sink.Sink._open", refuse)
    assert main(["suggest", str(note), "--output", str(tmp_path / "o.jsonl")]) == 2
    err = capsys.readouterr().err
    assert os.strerror(number).lower() in err
    assert "Choose a folder" in err


def test_a_disk_that_fills_up_keeps_the_whole_lines(
    tmp_path: Path,
    suggester: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from cac.outputs.sink import Sink

    class Disk(io.FileIO):
        """Takes one write, then half of the next."""

        n_writes = 0

        def write(self, data: Any) -> int:
            self.n_writes += 1
            if self.n_writes == 1:
                return super().write(data)
            super().write(bytes(data)[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    output = tmp_path / "o.jsonl"
    path = notes(tmp_path / "n.jsonl", a=TEXT, b=TEXT, c=TEXT)
    command = ["suggest", str(path), "--output", str(output)]
    with monkeypatch.context() as patch:
        patch.setattr(Sink, "_open", lambda *_: Disk(output, "w"))
        assert main(command) == 2
    err = capsys.readouterr().err
    assert f"Cannot write {output}: no space left on device, after 1 whole records." in err
    assert "--resume" in err
    assert main([*command, "--resume"]) == 0
    assert [a["note_id"] for a in answers(output)] == ["a", "b", "c"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("form", ["table", "jsonl", "csv", "html"])
def test_a_full_device_is_one_line(
    note: Path, form: str, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", str(note), "--format", form, "--output", "/dev/full"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("cac: Cannot write /dev/full: no space left on device")
    assert err.count("\n") == 1
