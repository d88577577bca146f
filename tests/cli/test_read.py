"""``cac read``: sections, sentences and assertions as a table or as JSON."""

import json
from pathlib import Path

import pytest

from cac.cli import main

TEXT = "HPI: Cough for days. No fever.\nPMH: h/o gout"


@pytest.fixture
def note(tmp_path: Path) -> str:
    path = tmp_path / "visit.txt"
    path.write_text(TEXT)
    return str(path)


def test_the_table_shows_sections_sentences_and_cues(
    note: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", note]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("visit: 44 characters, reader ")
    assert lines[1:] == [
        "",
        "history_of_present_illness  HPI:",
        "  5-20  Cough for days.",
        "  21-30  No fever.",
        "    NEGATED: 'No' over 'fever.'",
        "",
        "past_medical_history  PMH:",
        "  36-44  h/o gout",
        "    HISTORICAL: 'h/o' over 'gout'",
    ]


def test_json_gives_offsets_of_the_text(note: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", note, "--format", "jsonl"]) == 0
    record = json.loads(capsys.readouterr().out)
    start, end = record["modifiers"][0]["cue"]
    assert TEXT[start:end] == "No"
    assert record["modifiers"][0]["rule"] == "FORWARD:no"
    assert [s["category"] for s in record["sections"]] == [
        "history_of_present_illness",
        "past_medical_history",
    ]


def test_spanish_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "visita.txt"
    path.write_text("Exploración física: sin edemas")
    assert main(["read", str(path), "--language", "es"]) == 0
    assert "NEGATED: 'sin' over 'edemas'" in capsys.readouterr().out


def test_what_cannot_be_read_is_named_and_the_rest_is_done(
    note: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "missing.txt")
    assert main(["read", missing, note]) in (1, 2)
    assert "missing.txt" in capsys.readouterr().err
