"""The rules of the house that ruff and mypy do not hold."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = sorted((ROOT / "cac").rglob("*.py"))
CODE = LIBRARY + [
    p for door in ("benchmarks", "training", "serve") for p in sorted((ROOT / door).rglob("*.py"))
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PAGES = sorted([p for d in (".", "data_cards", "docs") for p in (ROOT / d).glob("*.md")])
MAX_FILE, MAX_FUNCTION = 400, 60

# Said in pieces, so that this file is not found by its own search.
UNFINISHED = re.compile(
    r"\b(TO" r"DO|FIX" r"ME|NotImplemented" r"Error|pdb\.set_trace|breakpoint\()"
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt|opt|srv)/\w")
# Not imported by name: what others are built against or read as data.
NOT_IMPORTED = {"spacy", "thinc", "pyrush", "simple-icd-10-cm"}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize("path", CODE, ids=names(CODE))
def test_files_and_functions_can_be_read_at_a_glance(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FILE
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, node.name


@pytest.mark.parametrize("path", LIBRARY, ids=names(LIBRARY))
def test_the_library_neither_asserts_nor_prints_nor_swallows(path: Path) -> None:
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.Assert)
        assert not (isinstance(node, ast.Name) and node.id == "print")
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            assert [type(child) for child in node.body] != [ast.Pass]


def test_no_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "misc", "common"}
    assert [p for p in CODE if drawers & {part.removesuffix(".py") for part in p.parts[-2:]}] == []


@pytest.mark.parametrize("path", CODE + TESTS + PAGES, ids=names(CODE + TESTS + PAGES))
def test_nothing_unfinished_and_no_path_of_one_machine(path: Path) -> None:
    text = path.read_text("utf-8")
    assert UNFINISHED.findall(text) == []
    if path != Path(__file__):
        assert MACHINE_PATH.findall(text) == []


def requirement_names(requirements: Iterable[str]) -> set[str]:
    found = {re.split(r"[^\w.-]", r)[0].lower().replace("_", "-") for r in requirements}
    return found - {"cac"}  # An extra that takes in another one names the project itself.


def declared() -> tuple[set[str], set[str]]:
    """Return the names of the base's requirements and of those of all extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    return requirement_names(project["dependencies"]), requirement_names(extras)


def imported() -> set[str]:
    """Return the distributions that the library imports."""
    modules: set[str] = set()
    for path in LIBRARY:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                modules.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add((node.module or "").split(".")[0])
    known = packages_distributions()
    others = modules - set(sys.stdlib_module_names) - {"cac"}
    return {known[module][0].lower().replace("_", "-") for module in others}


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    base, extras = declared()
    assert imported() - base - extras == set()
    assert base - imported() == NOT_IMPORTED & base


def test_every_requirement_has_its_version_in_the_constraints() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if line and line[0] != "#")
    base, extras = declared()
    assert (base | extras) - {name.lower().replace("_", "-") for name in pinned} == set()
    # A local version, such as that of a build for CPUs, is not to be had everywhere.
    assert not [version for version in pinned.values() if "+" in version]


def test_the_type_marker_and_the_licence_are_there() -> None:
    assert (ROOT / "cac" / "py.typed").exists()
    assert "Apache License" in (ROOT / "LICENSE").read_text()
