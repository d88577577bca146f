"""The store as an administrator's command opens it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cac.errors import SettingsError
from serve.secrets import Secrets, load_secrets, make_secrets
from serve.settings import Settings, load_settings
from serve.store import Store
from serve.store.logbook import last_rows
from serve.store.migrate import is_empty, migrate, pending


def operator() -> str:
    """Return who the log names for a command: the user of the operating system."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # Containers run users without a name.
        return f"cli:{os.getuid()}"


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Store]:
    """Give the store of a server that has been started before.

    Raises:
        SettingsError: there is none yet, its tables are older, or its keys are not at hand.
    """
    settings = settings or load_settings()
    store = Store(settings, load_secrets(settings.secrets))
    try:
        with store.read() as session:
            missing = pending(session.connection())
        if missing:
            raise SettingsError(
                "The database lacks tables of this version: start `cac serve` once."
            )
        require_own_keys(store)
        yield store
    finally:
        store.close()


def prepared(settings: Settings) -> Store:
    """Return the store of a server that starts: keys and tables are made for a new one.

    Raises:
        SettingsError: the database has rows, and its keys are not at hand.
    """
    secrets = (make_secrets if is_new(settings) else load_secrets)(settings.secrets)
    store = Store(settings, secrets)
    try:
        migrate(store.engine)
        require_own_keys(store)
    except BaseException:
        store.close()
        raise
    return store


def is_new(settings: Settings) -> bool:
    """Tell whether the database is still to be made; nothing is made by asking.

    Raises:
        StoreUnavailableError: it cannot be reached.
    """
    url = settings.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return True
    probe = Store(settings, Secrets.random())
    try:
        with probe.read() as session:
            return is_empty(session.connection())
    finally:
        probe.close()


def require_own_keys(store: Store) -> None:
    """Raise SettingsError where the log was written with keys that are not at hand."""
    with store.read() as session:
        rows = last_rows(session, limit=1)
    if rows and rows[0].key_id not in store.secrets.log.keys:
        raise SettingsError(
            f"The log was signed with the key {rows[0].key_id}, which is not in "
            f"{store.settings.secrets}/log.keys. Name the right folder by CAC_SECRETS, or restore "
            "the file from its backup."
        )
