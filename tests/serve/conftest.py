"""A store in a temporary folder, and people who use it."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from cac.coding import Band, Code, CodeSystem, CodingResult, Evidence, Suggestion
from cac.note import Assertion, Note, Span
from serve.access import passwords
from serve.access.api_keys import add_key
from serve.access.principal import SCOPES, Role
from serve.access.users import add_user
from serve.app import create_app
from serve.http.protocol import PatientProtocol
from serve.secrets import Secrets
from serve.settings import Settings
from serve.store import Store
from serve.store.engine import open_engine
from serve.store.migrate import migrate
from serve.store.tables import User

from .postgresql import Postgresql, programs
from .running import running
from .waiting import wait_for

__all__ = ["running"]  # A fixture, for every test below.

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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A running server with a database for the tests."""
    bin_ = programs()
    if bin_ is None:
        pytest.skip("PostgreSQL is not installed here: its server programs were not found")
    server = Postgresql(bin_)
    server.start()
    server.run("CREATE DATABASE tests")
    engine = open_engine(Settings(database_url=SecretStr(server.url("tests"))).url)
    migrate(engine)
    engine.dispose()
    yield server
    server.remove()


@pytest.fixture
def database() -> str:
    """The URL of an empty database; "" is SQLite. Some folders run on PostgreSQL as well."""
    return ""


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    return Settings(
        state=tmp_path / "state", secrets=tmp_path / "secrets", database_url=SecretStr(database)
    )


def settings_with_bundles(tmp_path: Path, *, blinded_share: float = 0.0) -> Settings:
    """Return settings whose folder of bundles has two, called better and broken."""
    for name in ("better", "broken"):
        (tmp_path / "bundles" / name).mkdir(parents=True)
    return Settings(
        state=tmp_path / "state",
        secrets=tmp_path / "secrets",
        bundle="",
        bundles=tmp_path / "bundles",
        blinded_share=blinded_share,
    )


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, made once: each test has a copy."""
    folder = tmp_path_factory.mktemp("empty")
    made = Store(Settings(state=folder, secrets=folder), Secrets.random())
    migrate(made.engine)
    made.close()
    return folder / "cac.sqlite"


@pytest.fixture
def store(settings: Settings, clock: Clock, empty_database: Path) -> Iterator[Store]:
    settings.state.mkdir(parents=True)
    shutil.copy(empty_database, settings.state)
    opened = Store(settings, Secrets.random(), clock=clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash quickly: what it costs to guess a password is no matter here."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_HASHER", hasher)
        patch.setattr(passwords, "_NOBODY", hasher.hash("nobody's"))
        yield


@pytest.fixture(scope="session")
def password_hash(cheap_passwords: None) -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def people(store: Store, password_hash: str) -> dict[str, str]:
    """One user of each role, named after it; the value is the user's id."""
    return add_people(store, password_hash)


def add_people(store: Store, password_hash: str) -> dict[str, str]:
    return store.write(
        lambda unit: {
            role.value: add_user(unit, role.value, role, password_hash=password_hash).id
            for role in Role
        }
    )


class StubSuggester:
    """Suggests by the words of a note, at once; ``hold`` keeps it busy until it is set."""

    words: ClassVar = {
        "ckd": ("N18.9", "Chronic kidney disease, unspecified", 0.9),
        "gout": ("M10.9", "Gout, unspecified", 0.7),
        "asthma": ("J45.909", "Unspecified asthma, uncomplicated", 0.6),
        "chest pain": ("R07.9", "Chest pain, unspecified", 0.5),
    }

    def __init__(self, version: str = "stub-1", leave_out: str = "") -> None:
        self.model_version = version
        self.leave_out = leave_out
        self.hold = threading.Event()
        self.hold.set()
        self.asked: list[str] = []

    def suggest(
        self, note: Note, *, top_k: int | None = None, min_probability: float | None = None
    ) -> CodingResult:
        self.hold.wait(10)
        self.asked.append(note.note_id)
        found = [s for s in self._found(note) if s.probability >= (min_probability or 0)]
        kept = [s for s in found if not s.rejected_because][:top_k]
        return CodingResult(
            note_id=note.note_id,
            suggestions=tuple(replace(s, rank=n) for n, s in enumerate(kept, start=1)),
            model_version=self.model_version,
            code_set_versions={"ICD-10-CM": "2027"},
            convention="us-outpatient",
            rejected=tuple(s for s in found if s.rejected_because),
        )

    def _found(self, note: Note) -> Iterator[Suggestion]:
        for word, (value, title, probability) in self.words.items():
            if word == self.leave_out:
                continue
            for match in re.finditer(word, note.text, re.IGNORECASE):
                negated = note.text[: match.start()].lower().endswith("no ")
                said = Assertion.NEGATED if negated else Assertion.PRESENT
                evidence = Evidence(Span(*match.span()), match.group(), "assessment", said)
                code = Code(CodeSystem.ICD10CM, value)
                band = Band.ACCEPT if probability > 0.8 else Band.REVIEW
                yield Suggestion(
                    code, title, probability, 0, (evidence,), (), "negated" * negated, band
                )
                break


@pytest.fixture
def suggester() -> StubSuggester:
    return StubSuggester()


@dataclass
class Served:
    """An app whose model is warm, a client of it, and the headers of each role."""

    app: FastAPI
    client: TestClient
    keys: dict[str, dict[str, str]]
    store: Store
    suggester: StubSuggester


@contextmanager
def served(store: Store, suggester: StubSuggester, people: dict[str, str]) -> Iterator[Served]:
    app = create_app(store.settings, store, load=lambda _: suggester)
    with TestClient(app, base_url="http://localhost") as client:
        wait_for(lambda: client.get("/readyz").is_success, "the app is ready")
        yield Served(app, client, headers_of(store, people), store, suggester)


def headers_of(store: Store, people: dict[str, str]) -> dict[str, dict[str, str]]:
    """Make a key for each role, with all that the role may do."""
    made = store.write(
        lambda unit: {
            role.value: add_key(
                unit, unit.session.get_one(User, people[role]), role, SCOPES[role], by="test"
            )
            for role in Role
        }
    )
    return {role: {"Authorization": f"Bearer {key}"} for role, key in made.items()}


@pytest.fixture(scope="session")
def over_http() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Serve an app whose lifespan is taken care of on a free port; gives its URL."""

    @contextmanager
    def serve(app: FastAPI) -> Iterator[str]:
        config = uvicorn.Config(
            app, port=0, lifespan="off", log_config=None, http=PatientProtocol, ws="none"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        wait_for(lambda: server.started, "the server listens")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()

    return serve


@pytest.fixture(scope="session")
def serve_at(
    empty_database: Path, password_hash: str
) -> Callable[[Path], AbstractContextManager[Served]]:
    """Serve from a folder of one's own: for tests that share an app."""

    def serve(folder: Path) -> AbstractContextManager[Served]:
        shutil.copy(empty_database, folder)
        store = Store(Settings(state=folder, secrets=folder), Secrets.random())
        return served(store, StubSuggester(), add_people(store, password_hash))

    return serve


@pytest.fixture
def serving(store: Store, suggester: StubSuggester, people: dict[str, str]) -> Iterator[Served]:
    with served(store, suggester, people) as given:
        yield given


@pytest.fixture
def app(serving: Served) -> FastAPI:
    return serving.app


@pytest.fixture
def client(serving: Served) -> TestClient:
    return serving.client


@pytest.fixture
def keys(serving: Served) -> dict[str, dict[str, str]]:
    return serving.keys


@pytest.fixture
def stubs() -> dict[str, StubSuggester]:
    """Bundles by name; the last leaves a code out."""
    return {
        "a": StubSuggester("a"),
        "b": StubSuggester("b"),
        "without gout": StubSuggester("c", leave_out="gout"),
    }


@pytest.fixture(scope="session")
def headers_for() -> Callable[[Store, dict[str, str]], dict[str, dict[str, str]]]:
    return headers_of
