"""``cac suggest --resume``: nothing twice, nothing torn, nothing mixed."""

import json
from pathlib import Path
from typing import Any

import pytest

from cac.cli import main

TEXT = "Has asthma."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"note_id": n, "text": TEXT} for n in "abcd"]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def suggest(folder: Path, *options: str) -> int:
    command = ["suggest", str(folder / "in.jsonl"), "--output", str(folder / "out.jsonl")]
    return main([*command, *options])


def keep(folder: Path, n_bytes_of_last: int | None = None, n_lines: int = 2) -> None:
    """Cut the output down to some lines and some bytes of the next."""
    lines = (folder / "out.jsonl").read_bytes().splitlines(keepends=True)
    torn = lines[n_lines][:n_bytes_of_last] if n_bytes_of_last else b""
    (folder / "out.jsonl").write_bytes(b"".join(lines[:n_lines]) + torn)


@pytest.mark.parametrize("n_bytes_of_last", [None, 1, 40, -1])
def test_a_resumed_run_ends_with_the_same_file(
    folder: Path, suggester: Any, n_bytes_of_last: int | None
) -> None:
    assert suggest(folder) == 0
    whole = (folder / "out.jsonl").read_bytes()
    keep(folder, n_bytes_of_last)
    suggester.note_ids.clear()
    assert suggest(folder, "--resume") == 0
    assert (folder / "out.jsonl").read_bytes() == whole
    # The first is done again for its versions; what was whole in the file is not.
    wanted = ["a", "d"] if n_bytes_of_last == -1 else ["a", "c", "d"]
    assert suggester.note_ids == wanted


def test_a_resumed_run_without_a_file_is_a_first_run(folder: Path, suggester: Any) -> None:
    assert suggest(folder, "--resume") == 0
    assert len((folder / "out.jsonl").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("option", "named"),
    [
        (["--top-k", "3"], "--top-k"),
        (["--setting", "inpatient"], "--setting"),
        (["--system", "icd10cm"], "--system"),
        (["--service-date", "2026-01-01"], "--service-date"),
        (["--include-rejected", "--language", "es"], "--include-rejected, --language"),
    ],
)
def test_other_options_are_refused(
    folder: Path,
    suggester: Any,
    option: list[str],
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert suggest(folder) == 0
    keep(folder)
    before = (folder / "out.jsonl").read_bytes()
    assert suggest(folder, "--resume", *option) == 2
    assert f"it was written with another {named}." in capsys.readouterr().err
    assert (folder / "out.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("model_version", "fake-2", "model version"), ("release", "2028", "code set versions")],
)
def test_other_versions_are_refused(
    folder: Path,
    suggester: Any,
    name: str,
    value: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert suggest(folder) == 0
    keep(folder)
    before = (folder / "out.jsonl").read_bytes()
    setattr(suggester, name, value)
    assert suggest(folder, "--resume") == 2
    assert f"it was written with another {said}." in capsys.readouterr().err
    assert (folder / "out.jsonl").read_bytes() == before


@pytest.mark.parametrize("line", ["not ours\n", '{"note_id": "a"}\n', "[]\n"])
def test_a_file_of_something_else_is_refused(
    folder: Path, suggester: Any, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out.jsonl").write_text(line)
    assert suggest(folder, "--resume") == 2
    assert "line 1 is no answer of this program" in capsys.readouterr().err
    assert (folder / "out.jsonl").read_text() == line
