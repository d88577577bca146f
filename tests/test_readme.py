"""The README is true: its code runs, its answers come, and nothing that users meet is left out."""

import argparse
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cac.cli import COMMANDS, _parser, main, other_commands
from cac.corpus import CORPORA, load_corpus

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_python_blocks_run_and_answer_as_shown() -> None:
    found = blocks("python")
    assert found
    for number, block in enumerate(found):
        test = doctest.DocTestParser().get_doctest(block, {}, f"block {number}", "README.md", 0)
        said: list[str] = []
        doctest.DocTestRunner(optionflags=LOOSE).run(test, out=said.append)
        assert not said, "".join(said)


def test_the_first_answer_comes_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [text] = re.findall(r'With "(.*?)" in `visit\.txt`', README, re.DOTALL)
    command = next(c for c in blocks("console")[0].splitlines() if "cac suggest" in c)
    (tmp_path / "visit.txt").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(command.split()[2:]) == 0
    got = capsys.readouterr().out
    position = 0
    for piece in re.split(r"\.\.\.|\n|\s{2,}", blocks("text")[0]):
        # Probabilities move with every change of the ranking; codes, order and evidence may not.
        if not re.fullmatch(r"\s*|[01]\.\d\d", piece):
            position = got.find(piece.strip(), position)
            assert position >= 0, f"{piece!r} does not come in its place in:\n{got}"


def test_the_line_of_a_corpus_is_one(tmp_path: Path) -> None:
    [block] = blocks("jsonl")
    path = tmp_path / "notes.jsonl"
    path.write_text(block.replace("\n", "") + "\n")
    [coded] = load_corpus(str(path), "train")
    [evidence] = coded.evidence
    [span] = evidence.spans
    assert coded.codes == (evidence.code,)
    assert coded.note.text[span.start : span.end] == "CKD stage 3b"


def paths(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the names of a parser's own sub-commands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices


@pytest.mark.parametrize("command", [*COMMANDS, *other_commands()])
def test_every_command_is_documented(command: str) -> None:
    [row] = re.findall(rf"^\| `cac {command}\b.*$", README, re.MULTILINE)
    parser = _parser(command)
    [own] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for name in paths(own.choices[command]):
        assert f"`{name}`" in row


def test_every_option_of_suggest_is_documented() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    from cac.cli.suggest import add_arguments

    add_arguments(parser)
    for action in parser._actions:
        for option in action.option_strings:
            assert f"`{option}`" in README


def test_every_environment_variable_is_documented() -> None:
    code = [p.read_text("utf-8") for p in (ROOT / "cac").rglob("*.py")]
    used = set(re.findall(r"\bCAC_[A-Z_]+\b", "\n".join(code)))
    assert "CAC_CODE_SETS" in used
    documented = set(re.findall(r"^\| `(CAC_[A-Z_]+)`", README, re.MULTILINE))
    assert used == documented


@pytest.mark.parametrize("corpus", CORPORA)
def test_every_corpus_has_its_card(corpus: str) -> None:
    cards = [p.read_text("utf-8") for p in (ROOT / "data_cards").glob("*.md")]
    names = [n for card in cards for n in re.findall(r"^names: (.*)$", card, re.MULTILINE)]
    assert corpus in ", ".join(names).split(", ")


def test_every_configuration_is_documented() -> None:
    table = "\n".join(re.findall(r"^\| `.*$", README, re.MULTILINE))
    for path in (ROOT / "configs").glob("*.yaml"):
        assert f"`{path.stem}`" in table, path.name


def test_every_target_of_make_is_documented() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets == set(re.findall(r"^\| `make ([a-z]+)`", README, re.MULTILINE))


def test_every_link_ends_at_a_file() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
