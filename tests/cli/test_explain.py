"""``cac explain``: the reasons, with the words that they speak of."""

import json
from pathlib import Path
from typing import Any

import pytest

from cac.cli import main


@pytest.fixture
def note(tmp_path: Path) -> str:
    path = tmp_path / "visit.txt"
    path.write_text("Has asthma.\nNo fever.")
    return str(path)


def test_a_suggested_code_shows_its_words(
    note: str, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", note, "j45909"]) == 0
    assert capsys.readouterr().out == (
        "ICD-10-CM J45.909 is suggested: rank 1, probability 0.75\n"
        "  mention: Words match the title 'Unspecified asthma, uncomplicated'\n"
        "    4-10: asthma\n"
    )


def test_another_code_says_why_not(
    note: str, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", note, "E11.9"]) == 0
    out = capsys.readouterr().out
    assert "ICD-10-CM E11.9 is not suggested" in out
    assert "no-mention: No words of the note match" in out


def test_one_note_of_many_is_chosen_by_its_id(
    tmp_path: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "n.jsonl"
    rows = [{"note_id": n, "text": t} for n, t in (("a", "Well."), ("b", "Has asthma."))]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["explain", str(path), "J45.909"]) == 2
    assert "holds several notes. Choose one with --note-id" in capsys.readouterr().err
    assert main(["explain", str(path), "J45.909", "--note-id", "c"]) == 2
    assert "holds no note 'c'" in capsys.readouterr().err
    assert main(["explain", str(path), "J45.909", "--note-id", "b"]) == 0
    assert "is suggested" in capsys.readouterr().out


def test_a_note_that_cannot_be_read_is_said(
    suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "gone.txt", "J45.909"]) == 2
    assert "no such file" in capsys.readouterr().err
