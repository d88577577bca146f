"""These tests pass on both databases."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; "" is SQLite."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql").emptied()
    return url
