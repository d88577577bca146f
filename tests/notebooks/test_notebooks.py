"""The notebooks run from their first cell to their last, in order, on the tiny run."""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# Each goes on from what the one before it left.
ORDER = ("train_on_your_corpus", "read_an_evaluation", "evidence_and_errors")


def cells(name: str) -> list[dict[str, Any]]:
    path = ROOT / "notebooks" / f"{name}.ipynb"
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return found


def code(name: str) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(name) if cell["cell_type"] == "code"]


def test_every_notebook_is_in_the_order() -> None:
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_a_notebook_is_thin_and_kept_without_outputs(name: str) -> None:
    for cell in cells(name):
        assert len(cell["source"]) <= 16
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.filterwarnings("ignore")
def test_the_notebooks_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("configs", "training"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    spaces: dict[str, dict[str, Any]] = {}
    for name in ORDER:
        space: dict[str, Any] = {"__name__": name}
        for number, source in enumerate(code(name), 1):
            exec(compile(source, f"{name}, cell {number}", "exec"), space)
        spaces[name] = space
    found = {s.code.value: s for s in spaces["train_on_your_corpus"]["suggestions"]}
    # A few steps of training come out a little otherwise on each processor: one code may be missed.
    words = {"J45.909": "asthma", "M10.9": "gout"}
    assert found.keys() & words.keys()
    for code_found in found.keys() & words.keys():
        assert words[code_found] in " ".join(e.text for e in found[code_found].evidence)
    assert spaces["read_an_evaluation"]["evaluation"].flat()["codes/micro_f1"] > 0.9
    said = capsys.readouterr().out
    assert "[" in said
    assert (tmp_path / "out" / "runs" / "tiny" / "evaluation" / "page.html").exists()
