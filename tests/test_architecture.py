"""Imports run one way: ``note <- coding <- {codes, corpus, metrics}``, and the parts meet once.

`read`, `find`, `rank` and their like never import one another; `cac.suggester` joins them, the
commands stand outside, and what a part may import from ``cac`` is listed here, whole.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASE = {"errors", "lower_case", "note", "coding"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "lower_case": set(),
    "note": {"errors", "lower_case"},
    "coding": {"errors", "lower_case", "note"},
    "explanation": {"note", "coding"},
    "bundle_places": {"errors"},
    "bundles": {"errors"},
    "frequency": {"coding"},
    "codes": BASE | {"frequency"},
    "corpus": BASE | {"frequency"},
    "metrics": BASE,
    "read": BASE,
    "find": BASE | {"codes"},
    "decide": BASE | {"metrics"},
    "classify": BASE | {"bundles", "codes", "metrics", "decide"},
    "rank": BASE | {"codes"},
    "check": BASE | {"codes"},
    "audit": BASE | {"codes", "metrics"},
    "inputs": BASE,
    "outputs": BASE,
    "demo": BASE,
}
"""What each part may import from ``cac``."""

DOORS = {
    "cli",
    "suggester",
    "explain",
    "learn",
    "learned_suggester",
    "mention_context",
    "answers",
    "classified_suggester",
    "versions",
}
"""Where the parts meet: these may import all of them, and none of them imports these."""

SERVE_BASE = {"errors", "settings", "secrets", "log"}
SERVE_ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "settings": {"errors"},
    "secrets": {"errors"},
    "log": {"errors", "secrets"},
    "review": {"errors"},
    "store": SERVE_BASE | {"review"},
    "access": SERVE_BASE | {"store"},
    "engine": SERVE_BASE | {"store", "review"},
    "fhir": {"errors", "review"},
    "x12": {"errors", "review"},
    "http": SERVE_BASE | {"access", "store", "engine"},
    "samples": SERVE_BASE | {"store"},
}
"""What each part of the server may import from ``serve``."""

SERVE_DOORS = {"api", "page", "comprehend", "app", "cli"}
"""Where the parts of the server meet: none of the parts imports these."""

WEB = {"fastapi", "starlette", "uvicorn", "jinja2"}
KNOWS_THE_WEB = SERVE_DOORS | {"http"}
"""The parts of the server that may know a web framework."""

NEVER = {"mlflow", "dvc", "fastapi", "starlette", "uvicorn", "flask", "training", "serve"}
FILES = sorted((ROOT / "cac").rglob("*.py"))
SERVE_FILES = sorted((ROOT / "serve").rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, wherever in it."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def part(dotted: str) -> str:
    return dotted.split(".")[1] if dotted.startswith("cac.") else ""


def faults(path: Path) -> list[str]:
    own = path.relative_to(ROOT / "cac").parts[0].removesuffix(".py")
    names = set(imports(path))
    found = [name for name in names if name.split(".")[0] in NEVER]
    if own in ALLOWED:
        parts = {p.stem for p in (ROOT / "cac").iterdir()} - {"__init__"}
        used = {part(name) for name in names} & parts - {own}
        found += [f"cac.{name}" for name in used - ALLOWED[own]]
    return sorted(found)


def serve_faults(path: Path) -> list[str]:
    own = path.relative_to(ROOT / "serve").parts[0].removesuffix(".py")
    names = set(imports(path))
    roots = {name.split(".")[0] for name in names}
    found = roots & {"training", "benchmarks", "tests", "mlflow"}
    if own not in KNOWS_THE_WEB:
        found |= roots & WEB
    if own in SERVE_ALLOWED:
        parts = {p.stem for p in (ROOT / "serve").iterdir()} - {"__init__"}
        dotted = {name.split(".")[1] for name in names if name.startswith("serve.")}
        found |= {f"serve.{name}" for name in (dotted & parts) - {own} - SERVE_ALLOWED[own]}
    return sorted(found)


@pytest.mark.parametrize("path", SERVE_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_of_the_server_run_one_way(path: Path) -> None:
    assert serve_faults(path) == []


@pytest.mark.parametrize(
    ("folder", "line", "wanted"),
    [
        ("store", "from serve.access import users", ["serve.access"]),
        ("store", "def f():\n    import fastapi", ["fastapi"]),
        ("log", "from ..store import Store", ["serve.store"]),
        ("access", "from starlette.requests import Request", ["starlette"]),
        ("api", "import training.tracking", ["training"]),
        ("http", "from fastapi import Request\nfrom serve.access import rates", []),
    ],
)
def test_a_wrong_import_of_the_server_is_seen(
    folder: str, line: str, wanted: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("store", "access", "log", "api", "http"):
        (tmp_path / "serve" / name).mkdir(parents=True)
    path = tmp_path / "serve" / folder / "new.py"
    path.write_text(line)
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert serve_faults(path) == wanted


def test_every_part_of_the_server_is_in_the_table_or_a_door() -> None:
    parts = {p.relative_to(ROOT / "serve").parts[0].removesuffix(".py") for p in SERVE_FILES}
    assert parts - {"__init__"} <= set(SERVE_ALLOWED) | SERVE_DOORS


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    assert faults(path) == []


@pytest.mark.parametrize(
    ("folder", "line", "wanted"),
    [
        ("find", "from cac.rank import Ranker", ["cac.rank"]),
        ("find", "from cac import rank", ["cac.rank"]),
        ("find", "def f():\n    import cac.suggester", ["cac.suggester"]),
        ("find", "from ..read import rules", ["cac.read"]),
        ("find", "from . import terms\nfrom cac.codes import Icd10cm", []),
        ("cli", "import mlflow.spacy", ["mlflow.spacy"]),
    ],
)
def test_a_wrong_import_is_seen(
    folder: str, line: str, wanted: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("find", "rank", "read", "codes", "cli"):
        (tmp_path / "cac" / name).mkdir(parents=True)
    (tmp_path / "cac" / "suggester.py").touch()
    path = tmp_path / "cac" / folder / "new.py"
    path.write_text(line)
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert faults(path) == wanted


def test_every_part_is_in_the_table_or_a_door() -> None:
    parts = {p.relative_to(ROOT / "cac").parts[0].removesuffix(".py") for p in FILES}
    assert parts - {"__init__"} <= set(ALLOWED) | DOORS


def test_one_module_of_the_pipeline_knows_mlflow_beside_what_mlflow_runs_itself() -> None:
    knowing = {
        path.name
        for path in (ROOT / "training").rglob("*.py")
        if any(name.split(".")[0] == "mlflow" for name in imports(path))
    }
    assert knowing == {"tracking.py", "served_model.py"}
