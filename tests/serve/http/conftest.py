"""One app for all tests of the attacks: they change nothing in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, serve_at: Callable[[Path], Any]
) -> Iterator[Any]:
    with serve_at(tmp_path_factory.mktemp("served")) as given:
        yield given


@pytest.fixture
def app(served: Any) -> FastAPI:
    return served.app  # type: ignore[no-any-return]


@pytest.fixture
def client(served: Any) -> TestClient:
    return served.client  # type: ignore[no-any-return]


@pytest.fixture
def keys(served: Any) -> dict[str, dict[str, str]]:
    return served.keys  # type: ignore[no-any-return]
