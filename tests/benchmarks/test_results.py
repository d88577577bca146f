"""The page of results: every figure, whether its target is met, and what was not measured."""

from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest

import benchmarks.__main__ as command
from benchmarks.results import Row, commit, met, report
from cac.errors import CorpusError


def row(figure: float, target: str, low: float | None = None) -> Row:
    high = None if low is None else figure
    return {"what": "w", "figure": figure, "low": low, "high": high, "n": 1234, "target": target}


@pytest.mark.parametrize(
    ("figure", "target", "wanted"),
    [
        (0.95, ">= 0.95", "yes"),
        (0.949, ">= 0.95", "no"),
        (0.02, "<= 0.02", "yes"),
        (0.021, "<= 0.02", "no"),
        (0.5, "", ""),
    ],
)
def test_met(figure: float, target: str, wanted: str) -> None:
    assert met(row(figure, target)) == wanted


def test_a_target_that_nobody_can_judge_is_an_error() -> None:
    with pytest.raises(ValueError, match="Allowed: '>= x'"):
        met(row(0.5, "good"))


def test_the_page_holds_figures_circumstances_and_what_is_missing() -> None:
    page = report({"probes": [row(0.91, ">= 0.95", 0.85)]}, {"codiesp": "no folder"})
    assert "| w | 0.910 | 0.850 to 0.910 | 1,234 | >= 0.95 | no |" in page
    assert f"Commit {commit()}; Python 3.11." in page
    assert "spacy 3.7." in page
    assert "- codiesp: no folder" in page


def subject(rows: list[Row] | None) -> ModuleType:
    def run() -> list[Row]:
        if rows is None:
            raise CorpusError("CAC_DATA is not set.")
        return rows

    return cast(ModuleType, SimpleNamespace(run=run))


def test_everything_is_written_and_what_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"a": subject([row(0.5, "")]), "b": subject(None)}
    monkeypatch.setattr(command, "subjects", lambda: found)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "RESULTS.md")
    assert command.main(["a"]) == 0
    assert not (tmp_path / "RESULTS.md").exists()
    assert command.main([]) == 1
    page = (tmp_path / "RESULTS.md").read_text()
    assert "## a" in page
    assert "- b: CAC_DATA is not set." in page


def test_the_subjects_of_the_folder_are_found() -> None:
    assert {"probes", "speed"} <= set(command.subjects())
