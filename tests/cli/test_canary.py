"""The patient's name walks every path, and is never said but where the note itself is shown."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from cac.cli import main

NAME = ("Zebulon", "Quixworth")
PATIENT = " ".join(NAME)
TEXT = f"Mr {PATIENT}, seen for cough.\n{'A' * 80}\nHas asthma. No fever.\n{'B' * 80}\n{PATIENT}"


def assert_silent(*said: str) -> None:
    for text in said:
        assert not any(word.lower() in text.lower() for word in NAME)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file with two good notes among bad rows, each of which holds the name."""
    good = {"note_id": "a", "text": TEXT}
    bad = [
        good,
        {"note_id": "b", "text": f"explode {TEXT}"},
        {"note_id": "c", "text": f"outdated {TEXT}"},
        {"note_id": "d", "text": TEXT + "\ud800"},
        {"note_id": "e", "text": TEXT + "\0"},
        {"note_id": "f", "text": TEXT, "setting": PATIENT},
        {"note_id": "g", "text": TEXT, "service_date": TEXT},
        {"note_id": "h", "text": TEXT, "language": PATIENT},
        {"note_id": TEXT, "text": "h"},
        {"note_id": TEXT.replace("\n", " "), "text": "h"},
        {TEXT: 1},
        [TEXT],
        {"note_id": "z", "text": TEXT},
    ]
    lines = [json.dumps(row) for row in [good, *bad]]
    lines.insert(4, f'{{"note_id": "q", "text": "{PATIENT}')
    path = tmp_path / "n.jsonl"
    path.write_bytes("\n".join(lines).encode() + b"\n" + PATIENT.encode() + b"\xff\n")
    return path


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("form", ["jsonl", "csv", "table", "html"])
def test_suggest_never_says_the_name(
    rows: Path,
    form: str,
    debug: str,
    suggester: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("CAC_DEBUG", debug)
    caplog.set_level(logging.DEBUG)
    assert main(["suggest", str(rows), "--format", form, "--include-rejected"]) == 1
    captured = capsys.readouterr()
    assert "2 notes done, 14 not" in captured.err
    assert_silent(captured.err, caplog.text)
    assert "J45.909" in captured.out
    if form == "html":
        assert PATIENT in captured.out
    else:
        assert_silent(captured.out)


def test_a_resumed_run_never_says_the_name(
    rows: Path, tmp_path: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    command = ["suggest", str(rows), "--output", str(output)]
    assert main(command) == 1
    with output.open("a") as stream:
        stream.write(f'{{"note_id": "torn {PATIENT}')
    assert main([*command, "--resume"]) == 1
    assert_silent(output.read_text())
    output.write_text(f"{PATIENT}\n")
    assert main([*command, "--resume"]) == 2
    captured = capsys.readouterr()
    assert_silent(captured.out, captured.err)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "json", "txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_a_file_of_another_kind_never_says_the_name(
    tmp_path: Path,
    suffix: str,
    encoding: str,
    suggester: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / f"n.{suffix}"
    path.write_bytes(f'1,"{PATIENT}, 70 años, has asthma"\n2,{PATIENT}\n'.encode(encoding))
    main(["suggest", str(path), "--format", "jsonl"])
    main(["explain", str(path), "J45.909"])
    captured = capsys.readouterr()
    assert_silent(captured.out, captured.err)
    assert captured.err or suffix == "txt"


def test_a_note_in_the_place_of_a_path_is_not_said(
    suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest", f"{PATIENT} has had asthma"]) == 2
    assert main(["explain", TEXT, "J45.909"]) == 2
    assert_silent(capsys.readouterr().err)


def test_explain_quotes_only_the_words_it_speaks_of(
    tmp_path: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "visit.txt"
    path.write_text(TEXT)
    assert main(["explain", str(path), "J45.909"]) == 0
    captured = capsys.readouterr()
    assert "asthma" in captured.out
    assert_silent(captured.out, captured.err)


def test_the_whole_path_never_says_the_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """No stand-in here: reading, finding and ranking run, with every logger of theirs."""
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "visit.txt"
    path.write_text(f"HPI: Mr {PATIENT} has asthma. No fever.\n\nAssessment: Asthma, mild.\n")
    assert main(["suggest", str(path), "--format", "jsonl", "--include-rejected"]) == 0
    assert main(["explain", str(path), "J45.909"]) == 0
    captured = capfd.readouterr()
    assert '"J45' in captured.out
    assert_silent(captured.out, captured.err, caplog.text)
    assert main(["read", str(path)]) == 0
    captured = capfd.readouterr()
    assert_silent(captured.err, caplog.text)
