"""The table for the terminal: in its width, its colours, and with no power over it."""

import re
from pathlib import Path

import pytest

from cac.coding import Code, CodeSystem, CodingResult, Concern, Evidence, Suggestion
from cac.note import Assertion, Note, Span
from cac.outputs.csv_rows import CsvWriter
from cac.outputs.sink import Sink
from cac.outputs.table import TableWriter

TEXT = "\x1b]0;title\x07" + "before " * 30 + "[bold]heart failure[/bold]\n" + "after " * 30


def result(n_evidence: int = 1, *, calibrated: bool = False) -> CodingResult:
    start = TEXT.index("heart")
    span = Span(start, start + len("heart failure"))
    evidence = Evidence(span, "heart failure", "past_medical_history", Assertion.POSSIBLE)
    suggestion = Suggestion(
        code=Code(CodeSystem.ICD10CM, "I50.9"),
        description="=Heart failure, unspecified, " + "with a very long title " * 5,
        probability=0.4321,
        rank=1,
        evidence=(evidence,) * n_evidence,
        concerns=(Concern("unspecified", "The note leaves the type open."),),
    )
    return CodingResult("a", (suggestion,), "m", {}, "us-billing", calibrated)


def table(path: Path, found: CodingResult) -> str:
    writer = TableWriter(Sink(path), include_rejected=True)
    writer.write(Note("a", TEXT), found)
    writer.close()
    return path.read_text()


def test_evidence_stands_in_its_context(tmp_path: Path) -> None:
    out = table(tmp_path / "t.txt", result())
    flat = " ".join(out.split())
    assert "before [bold][heart failure][/bold]" in flat
    assert "(past medical history, possible)" in flat
    assert "0.43" in out
    assert "probabilities uncalibrated" in out
    assert "no code set" in out


def test_a_calibrated_probability_is_called_so(tmp_path: Path) -> None:
    assert "uncalibrated" not in table(tmp_path / "t.txt", result(calibrated=True))


def test_much_evidence_is_counted(tmp_path: Path) -> None:
    assert "and 4 more" in table(tmp_path / "t.txt", result(7))


def test_no_code_is_said(tmp_path: Path) -> None:
    empty = CodingResult("a", (), "m", {}, "us-billing")
    assert "No code is suggested." in table(tmp_path / "t.txt", empty)


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_it_keeps_to_the_width_of_the_terminal(
    tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sink, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = re.sub("\x1b\\[[0-9;]*m", "", table(tmp_path / "t.txt", result()))
    assert max(len(line.rstrip()) for line in out.splitlines()) <= width
    assert "I50.9" in out


def test_a_terminal_gets_colour_and_no_escape_of_the_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sink, "is_terminal", True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "600")
    out = table(tmp_path / "t.txt", result())
    assert "\x1b[1;30;" in out
    assert "\x1b]0;" not in out
    assert "\x07" not in out


def test_csv_cells_are_no_formulas(tmp_path: Path) -> None:
    writer = CsvWriter(Sink(tmp_path / "o.csv"), include_rejected=False)
    writer.write(Note("a", TEXT), result())
    writer.write(Note("b", TEXT), CodingResult("b", (), "m", {}, "us-billing"))
    writer.close()
    lines = (tmp_path / "o.csv").read_text().splitlines()
    assert "\"'=Heart failure" in lines[1]
    assert lines[2] == "b" + "," * 15
