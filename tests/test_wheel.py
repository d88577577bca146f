"""What is installed is what stands in the tree: rules, pages, migrations and models as well."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("cac", "serve", "training")
NEEDED = (
    "cac/default_bundle/",
    "cac/read/rules/",
    "serve/page/templates/",
    "serve/page/static/",
    "serve/store/migrations/script.py.mako",
    "serve/store/migrations/versions/",
    "training/tiny/encoder/model.safetensors",
)
"""What a server or a training does not start without; looked for, lest the tree itself lacks it."""


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", "77", reason="the build needs setuptools 77")
    tree = tmp_path / "tree"
    left_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tree / name, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, tree)
    files = {
        path.relative_to(tree).as_posix()
        for name in PACKAGES
        for path in (tree / name).rglob("*")
        if path.is_file()
    }
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(tree)], check=True)
    [wheel] = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert sorted(files - held) == []
    assert [place for place in NEEDED if not any(name.startswith(place) for name in held)] == []
