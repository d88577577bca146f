"""One browser and one server for all tests of the page; a note of its own for each."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from cac.coding import Code
from cac.explanation import Explanation, Reason
from cac.note import Note, Span
from serve.access.principal import Role
from serve.access.sessions import COOKIE
from serve.access.users import add_user
from serve.app import create_app
from serve.secrets import Secrets
from serve.settings import Settings
from serve.store import Store

from ..conftest import StubSuggester
from ..waiting import wait_for
from .desk import Desk
from .line import DECISIONS, Line

CHROMIUM = os.environ.get("CAC_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARTEFACTS = Path(__file__).parents[3] / "out" / "review-page"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
WAIT_MS = 20_000  # of a busy machine; nothing waits for as long where it works
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Explaining(StubSuggester):
    """A model that can say why."""

    def explain(self, note: Note, code: Code) -> Explanation:
        reason = Reason("mention", "words of the title term", (Span(0, 10),))
        return Explanation(code, True, 1, 0.9, (reason,))


class Server(threading.Thread):
    """An app on a free port of this machine."""

    def __init__(self, app: Any) -> None:
        super().__init__(daemon=True)
        config = uvicorn.Config(app, port=0, log_level="error")
        self.server = uvicorn.Server(config)

    def run(self) -> None:
        self.server.run()

    def start(self) -> None:
        super().start()
        wait_for(lambda: self.server.started, "the server listens")

    @property
    def url(self) -> str:
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def desk(
    empty_database: Path, password_hash: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """A store with coders and an administrator; the server of `url` stands on it.

    Dora is logged out for good by the test of idle time; no other test is to need her.
    """
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(empty_database, folder)
    store = Store(Settings(state=folder, secrets=folder), Secrets.random())
    roles = dict.fromkeys(("ada", "ben", "carol", "dora"), Role.CODER)
    roles["administrator"] = Role.ADMINISTRATOR
    people = store.write(
        lambda unit: {
            name: add_user(unit, name, role, password_hash=password_hash).id
            for name, role in roles.items()
        }
    )
    yield Desk(store, people)
    store.close()


@pytest.fixture(scope="session")
def url(desk: Desk) -> Iterator[str]:
    app = create_app(desk.store.settings, desk.store, load=lambda _: Explaining())
    server = Server(app)
    server.start()
    # The desk alone answers notes.
    app.state.parts.background.stop()
    yield server.url
    server.server.should_exit = True
    server.join()


@pytest.fixture(scope="session")
def contexts(browser: Any, url: str, desk: Desk) -> Callable[..., Any]:
    """Return a coder's context; kept, since a new one costs more than what is tested in it."""
    kept: dict[tuple[Any, ...], Any] = {}

    def context(who: str = "ada", **options: Any) -> Any:
        name = (who, *sorted(map(str, options.items())))
        if name not in kept:
            size = {"width": 1440, "height": 900}
            kept[name] = browser.new_context(**({"viewport": size} | options))
            cookie = {"name": COOKIE, "value": desk.session(who), "url": url}
            kept[name].add_cookies([cookie])
            kept[name].set_default_timeout(WAIT_MS)
        return kept[name]

    return context


_numbers = itertools.count(1)


@pytest.fixture
def note_id() -> str:
    return f"note-{next(_numbers)}"


@pytest.fixture
def open_page(
    contexts: Callable[..., Any],
    url: str,
    desk: Desk,
    keep: Callable[[Any, str], None],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Any]]:
    """Open the review of a note; the test fails on any error that a script does not catch.

    ``line`` takes what the page decides from the first request on. To route it later is no use: a
    page that is open may send its next request past a route that is already in place.
    """
    used: list[Any] = []
    faults: list[str] = []

    def fault(error: Any) -> None:
        faults.append(str(error))

    def open_(
        note_id: str,
        who: str = "ada",
        *,
        ready: bool = True,
        line: Line | None = None,
        **options: Any,
    ) -> Any:
        context = contexts(who, **options)
        # A page of its own is needed only beside another: a new one takes as long as a test.
        page = next((p for p in context.pages if p not in used), None) or context.new_page()
        page.on("pageerror", fault)
        used.append(page)
        if line:
            page.route(DECISIONS, line)
        page.goto(f"{url}/review/{desk.ids[note_id]}", wait_until="commit")
        if ready:
            page.wait_for_selector(f'body[data-ready][data-note-id="{desk.ids[note_id]}"]')
        return page

    yield open_
    for number, page in enumerate(used):
        if request.node.stash.get(_FAILED, False):
            keep(page, f"failed-{request.node.name}-{number}")
        page.remove_listener("pageerror", fault)
        page.unroute_all()
    assert faults == []


@pytest.fixture
def keep() -> Callable[[Any, str], None]:
    """Keep a picture of the page among the artefacts."""

    def picture(page: Any, name: str) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png")

    return picture
