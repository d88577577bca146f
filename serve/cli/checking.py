"""``cac serve --check``: what the configuration lacks, each point in a line of its own."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable, Iterator

from cac.bundle_places import bundle_folder
from cac.errors import CacError
from serve.access.users import n_users
from serve.cli.opening import is_new, require_own_keys
from serve.cli.serving import port_is_free
from serve.secrets import load_secrets
from serve.settings import Settings, unsafe
from serve.store import Store
from serve.store.migrate import pending


def check(settings: Settings) -> int:
    """Print the findings; return 1 where something keeps the server from starting."""
    n_found = 0
    for name, look in _CHECKS.items():
        try:
            found = list(look(settings))
        except CacError as error:
            found = [str(error)]
        n_found += len(found)
        for line in found or ["ok"]:
            sys.stdout.write(f"{name}: {line}\n")
    return 1 if n_found else 0


def _tls(settings: Settings) -> Iterator[str]:
    if not (settings.tls_certificate and settings.tls_key):
        return
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError):
        yield (
            "CAC_TLS_CERTIFICATE and CAC_TLS_KEY cannot be read, or do not belong together: PEM "
            "files, the key without a passphrase."
        )


def _keys(settings: Settings) -> Iterator[str]:
    if not is_new(settings):
        load_secrets(settings.secrets)
    is_sqlite = settings.url.get_backend_name() == "sqlite"
    if is_sqlite and settings.state in (settings.secrets, *settings.secrets.parents):
        yield (
            "CAC_SECRETS lies in CAC_STATE, the folder of the database: who copies that has both. "
            "Name another folder, and back it up apart."
        )


def _database(settings: Settings) -> Iterator[str]:
    if is_new(settings):
        return  # The first start makes tables, keys and the first administrator.
    store = Store(settings, load_secrets(settings.secrets))
    try:
        with store.read() as session:
            is_behind = bool(pending(session.connection()))
            if not is_behind and n_users(session) == 0:
                yield "there is no user; `cac users add NAME --role administrator` makes one."
        if not is_behind:
            require_own_keys(store)
    finally:
        store.close()


def _bundle(settings: Settings) -> Iterator[str]:
    if settings.bundle and not bundle_folder(settings.bundle).is_dir():
        yield "CAC_BUNDLE names no folder; `cac learn` and the pipeline write bundles."


def _port(settings: Settings) -> Iterator[str]:
    if not port_is_free(settings):
        yield f"port {settings.port} of {settings.host} cannot be listened on; choose another."


_CHECKS: dict[str, Callable[[Settings], Iterator[str]]] = {
    "network": lambda settings: iter(unsafe(settings)),
    "TLS": _tls,
    "keys": _keys,
    "database": _database,
    "bundle": _bundle,
    "port": _port,
}
