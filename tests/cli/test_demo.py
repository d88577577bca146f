"""``cac demo``: every shipped note in the terminal and on one page."""

from pathlib import Path
from typing import Any

import pytest

from cac.cli import main
from cac.demo import DEMO_NAMES_BY_LANGUAGE


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_shows_every_note_and_writes_the_page(
    tmp_path: Path, language: str, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out" / "demo.html"
    assert main(["demo", "--language", language, "--output", str(output)]) == 0
    out = capsys.readouterr().out
    page = output.read_text("utf-8")
    for name in DEMO_NAMES_BY_LANGUAGE[language]:
        assert name in out
        assert name in page
    assert str(output) in out
    assert page.endswith("</html>\n")


def test_a_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, suggester: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("a file")
    assert main(["demo", "--output", str(tmp_path / "out" / "sub" / "demo.html")]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"cac: Cannot make {tmp_path / 'out' / 'sub'}: ")
    assert err.count("\n") == 1
