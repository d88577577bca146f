"""One invented hospital for all tests of this folder, and a plain reference reading of it."""

import csv
import gzip
from pathlib import Path

import pytest

from cac.corpus.mimic.fixture import invent

csv.field_size_limit(10_000_000)


@pytest.fixture(autouse=True)
def no_folders_of_the_user(monkeypatch):
    monkeypatch.delenv("CAC_MIMIC_III", raising=False)
    monkeypatch.delenv("CAC_MIMIC_IV", raising=False)


@pytest.fixture(scope="session")
def hospital(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    return folder, invent(folder, n_admissions=120, seed=3)


@pytest.fixture(scope="session")
def folder(hospital):
    return hospital[0]


@pytest.fixture(scope="session")
def rows(folder):
    """Return a function from the name of a table to its rows, by the csv module."""

    def read(name: str) -> list[dict[str, str]]:
        [path] = folder.rglob(f"{Path(name).name}.csv.gz")
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def copy(folder, tmp_path):
    """Return a data folder of links, in which a file may be replaced."""
    for path in folder.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
    return tmp_path
