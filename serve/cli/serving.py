"""Start the server, and print its URL and, the first time, the one-time password."""

from __future__ import annotations

import socket
import sys

import uvicorn

from cac.errors import SettingsError
from serve.access.passwords import hashed, one_time
from serve.access.principal import Role
from serve.access.users import add_user, list_users, n_users
from serve.app import create_app
from serve.cli.opening import operator, prepared
from serve.http.log_lines import log_config
from serve.http.protocol import PatientProtocol
from serve.samples import add_samples
from serve.settings import Settings, unsafe
from serve.store import Store, Unit

FIRST_USER = "admin"
_N_SECONDS_TO_STOP = 10
_SWITCH_S = 0.001
"""How long a thread keeps the interpreter while another waits for it. By Python's own 5 ms each
step of an answer waits for the model's thread, and `/healthz` for 75 ms."""


def serve(settings: Settings, *, sample_notes: bool = False) -> int:
    """Serve until stopped.

    Raises:
        SettingsError: the settings are not safe, the keys are not at hand, or the port is taken.
    """
    if problems := unsafe(settings):
        raise SettingsError(" ".join(problems))
    store = prepared(settings)
    try:
        listening = _listen(settings)
        password = _first_password(store)
        if sample_notes:
            store.write(_add_sample_notes)
        server = uvicorn.Server(_config(settings, store))
        sys.setswitchinterval(_SWITCH_S)
        _greet(_url(settings, listening), password)
        server.run(sockets=[listening])
    finally:
        store.close()
    return 0 if server.started else 1


def _listen(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listening = socket.create_server(
            (settings.host, settings.port), family=family, backlog=2048
        )
        # asyncio sets this on sockets that it made itself; without it each answer waits 40 ms for
        # the client's acknowledgement of its head.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror}. Choose "
            "another by --port, or 0 for any free one."
        ) from None


def _config(settings: Settings, store: Store) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, store),
        http=PatientProtocol,
        log_config=log_config(settings.log_level.upper()),
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        ws="none",
        timeout_graceful_shutdown=_N_SECONDS_TO_STOP,
    )


def _first_password(store: Store) -> str:
    """Make the first administrator where there is nobody; return the password, else ""."""
    with store.read() as session:
        if n_users(session):
            return ""
    password = one_time()
    password_hash = hashed(password)

    def add(unit: Unit) -> None:
        add_user(
            unit,
            FIRST_USER,
            Role.ADMINISTRATOR,
            by=operator(),
            password_hash=password_hash,
            must_change=True,
        )

    store.write(add)
    return password


def _add_sample_notes(unit: Unit) -> None:
    administrators = [u for u in list_users(unit.session) if u.role == Role.ADMINISTRATOR]
    add_samples(unit, by=administrators[0].id)


def _url(settings: Settings, listening: socket.socket) -> str:
    if settings.public_url:
        return settings.public_url
    host = "localhost" if settings.is_local else settings.host
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"


def _greet(url: str, password: str) -> None:
    lines = [f"Review page and API: {url}"]
    if password:
        lines.append(f"Log in as {FIRST_USER} with the one-time password: {password}")
    sys.stdout.write("\n".join(lines) + "\nStop with Ctrl-C.\n")
    sys.stdout.flush()


def port_is_free(settings: Settings) -> bool:
    """Tell whether the server could listen where it is set to."""
    try:
        _listen(settings).close()
    except SettingsError:
        return False
    return True
