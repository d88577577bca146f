"""A store in a temporary folder, and people who use it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from serve.access.passwords import hashed
from serve.access.principal import Role
from serve.access.users import add_user
from serve.secrets import Secrets
from serve.settings import Settings
from serve.store import Store
from serve.store.migrate import migrate

PASSWORD = "correct horse battery"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "state", secrets=tmp_path / "secrets")


@pytest.fixture
def store(settings: Settings, clock: Clock) -> Iterator[Store]:
    opened = Store(settings, Secrets.random(), clock=clock)
    migrate(opened.engine)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def people(store: Store, password_hash: str) -> dict[str, str]:
    """One user of each role, named after it; the value is the user's id."""
    return {
        role.value: store.write(
            lambda unit, role=role: add_user(unit, role.value, role, password_hash=password_hash).id
        )
        for role in Role
    }
