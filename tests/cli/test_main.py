"""The command itself: quick to answer, one line for an error, an exit code for each end."""

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import BinaryIO

import pytest

import cac
from cac.cli import COMMANDS, main
from cac.errors import InputError

HEAVY = {"spacy", "sklearn", "pyarrow", "numpy", "scipy", "medspacy", "rich", "pydantic", "torch"}
PATIENT = "Zebulon Quixworth"


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_it_answers_without_heavy_imports(option: str) -> None:
    code = (
        "import sys; from cac.cli import main; code = main([sys.argv[1]]);"
        "print('IMPORTED', *sys.modules); sys.exit(code)"
    )
    done = python("-c", code, option)
    assert done.returncode == 0
    answer, _, imported = done.stdout.partition("IMPORTED")
    assert not HEAVY & set(imported.split())
    assert answer.strip()


def test_help_is_there_in_half_a_second() -> None:
    code = "from cac.cli import main; raise SystemExit(main(['--help']))"
    seconds = []
    # The best of some runs: a busy machine delays one, slow imports delay all.
    for _ in range(5):
        start = time.perf_counter()
        assert python("-c", code).returncode == 0
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.5


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"cac {cac.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["sugest"], "invalid choice: 'sugest' (choose from"),
        (["suggest"], "the following arguments are required: INPUT"),
        (["suggest", "x", "--format", "pdf"], "choose from"),
        (["suggest", "x", "--top-k", "many"], "invalid int value: 'many'"),
        (["suggest", "x", "--top-k", "0"], "--top-k is 0. Allowed: 1 or more"),
        (["suggest", "x", "--min-probability", "2"], "Allowed: 0 to 1"),
        (["suggest", "x", "--min-probability", "nan"], "Allowed: 0 to 1"),
        (["suggest", "x", "--system", "ICD11"], "Unknown code system 'ICD11'. Known: ICD-10-CM"),
        (["suggest", "x", "--language", "fr"], "Unknown language 'fr'. Known: en, es"),
        (["suggest", "x", "--setting", "hospice"], "Unknown setting 'hospice'. Known: inpatient"),
        (["suggest", "x", "--service-date", "yesterday"], "'yesterday' is not a date. Allowed"),
        (["suggest", "x", "--resume"], "--resume needs --format jsonl and --output"),
        (["suggest", "x", "--output", "x.pdf"], "Known: .jsonl, .html, .csv, .txt"),
        (["explain", "x"], "the following arguments are required: CODE"),
        (["explain", "x", "E11.9", "--system", "ICD11"], "Unknown code system 'ICD11'"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(
    arguments: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("cac: ")
    assert captured.err.count("\n") == 1
    assert wanted in captured.err


def ending(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    def run(_: object) -> int:
        raise error

    monkeypatch.setattr("cac.cli.suggest.run", run)
    return main(["suggest", "x"])


def test_errors_of_ours_are_one_line_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(monkeypatch, InputError("Found this.\nAllowed: that.")) == 2
    assert capsys.readouterr().err == "cac: Found this. Allowed: that.\n"


def test_an_interrupt_is_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "cac: Interrupted.\n"


def test_other_refusals_of_the_system_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(monkeypatch, PermissionError(13, "Permission denied", "codes.gz")) == 2
    assert capsys.readouterr().err == "cac: codes.gz: Permission denied.\n"


@pytest.mark.parametrize("debug", ["", "1"])
def test_the_unexpected_shows_places_but_never_values(
    debug: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAC_DEBUG", debug)
    assert ending(monkeypatch, KeyError(f"{PATIENT} has asthma")) == 1
    err = capsys.readouterr().err
    assert "unexpected KeyError" in err
    assert ("test_main.py" in err) == bool(debug)
    assert not any(word in err for word in PATIENT.split())


def test_warnings_of_libraries_are_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_: object) -> int:
        warnings.warn(PATIENT, stacklevel=1)
        return 0

    monkeypatch.setattr("cac.cli.suggest.run", run)
    assert main(["suggest", "x"]) == 0
    assert capsys.readouterr().err == ""


def help_into(stdout: BinaryIO) -> subprocess.CompletedProcess[bytes]:
    """Run ``cac --help`` as a user's shell does: with a buffered stdout."""
    code = "import sys; from cac.cli import main; sys.exit(main(['--help']))"
    return subprocess.run(
        [sys.executable, "-c", code],
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        env=os.environ | {"PYTHONUNBUFFERED": ""},
    )


def test_a_reader_that_goes_away_is_silent() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as gone:
        done = help_into(gone)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_under_stdout_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = help_into(full)
    wanted = b"cac: Cannot write standard output: No space left on device.\n"
    assert (done.returncode, done.stderr) == (2, wanted)


def test_the_first_compilation_says_that_it_takes_a_while(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from cac.cli.loading import load_suggester
    from cac.codes import load_icd10cm
    from cac.find import load

    monkeypatch.setenv("CAC_CACHE", str(tmp_path))
    load_suggester(None)
    for _ in range(2):
        load.load_finder.__wrapped__(load_icd10cm(), "es")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("cac: Compiling the terms of ICD-10-CM ")
