"""A server in a process of its own, with a key to ask it, and a client that keeps its time."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

_URL = re.compile(r"http://[\w.]+:(\d+)")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_LONGEST_START_S = 120
_KEPT_S = 2.0  # less than the server keeps a connection that is not used
_COMMAND = "from cac.cli import main; raise SystemExit(main(['serve']))"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and body of an answer, and the seconds from the request to its last byte."""

    status: int
    body: bytes
    seconds: float


class Client:
    """One connection that is kept open; it costs next to nothing, so that its time is not timed."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket: socket.socket | None = None
        self._used = time.monotonic()

    def ask(self, method: str, path: str, body: Any = None) -> Reply:
        """Send a request and read the answer whole.

        Raises:
            OSError: the server cannot be reached, or closed the connection before its answer.
        """
        data = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n" if data else ""
        line = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
        request = f"{line}{self._headers}{kind}\r\n".encode() + data
        if self._socket is None or time.monotonic() - self._used > _KEPT_S:
            self._connect()
        assert self._socket is not None
        start = time.perf_counter()
        self._socket.sendall(request)
        head, read = self._answer(self._socket)
        seconds = time.perf_counter() - start
        if b"connection: close" in head.lower():
            self._socket = None
        self._used = time.monotonic()
        return Reply(int(head.split(b" ", 2)[1]), read, seconds)

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _answer(self, connection: socket.socket) -> tuple[bytes, bytes]:
        read = b""
        while b"\r\n\r\n" not in read:
            read += _some(connection)
        head, _, body = read.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        n_body = int(found[1]) if found else 0
        while len(body) < n_body:
            body += _some(connection)
        return head, body

    def suggest(self, text: str, setting: str | None = None) -> Reply:
        """Ask for the codes of one note."""
        note = {"note_id": "n", "text": text, "setting": setting}
        return self.ask("POST", "/v1/suggest", {"notes": [note]})


def _some(connection: socket.socket) -> bytes:
    read = connection.recv(1 << 16)
    if not read:
        raise OSError("the server closed the connection")
    return read


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``seconds_to_ready`` count from the start of its process."""

    port: int
    pid: int
    headers: Mapping[str, str]
    seconds_to_ready: float

    def client(self) -> Client:
        """Open a connection with all rights."""
        return Client(self.port, self.headers)

    def mebibytes(self) -> float:
        """Return the memory that the process holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0


@contextmanager
def server() -> Iterator[Server]:
    """Start ``cac serve`` on a new SQLite database, as it comes, but for the limit of requests."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "CAC_STATE": f"{folder}/state",
            "CAC_SECRETS": f"{folder}/secrets",
            "CAC_PORT": "0",
            "CAC_REQUESTS_PER_MINUTE": "1000000",
        }
        headers = _headers(Path(folder))
        command = [sys.executable, "-c", _COMMAND]
        start = time.perf_counter()
        with (
            open(Path(folder, "log"), "wb") as log,
            subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            ) as process,
        ):
            try:
                port = _port(process)
                _wait_until_ready(port)
                yield Server(port, process.pid, headers, time.perf_counter() - start)
            finally:
                process.terminate()


def _headers(folder: Path) -> dict[str, str]:
    from serve.access.api_keys import add_key
    from serve.access.principal import SCOPES, Role
    from serve.access.users import add_user
    from serve.cli.opening import prepared
    from serve.settings import load_settings
    from serve.store import Unit

    def make(unit: Unit) -> str:
        user = add_user(unit, "benchmark", Role.ADMINISTRATOR)
        return add_key(unit, user, "benchmark", SCOPES[Role.ADMINISTRATOR], by="benchmark")

    store = prepared(load_settings(state=folder / "state", secrets=folder / "secrets"))
    try:
        return {"Authorization": f"Bearer {store.write(make)}"}
    finally:
        store.close()


def _port(process: subprocess.Popen[str]) -> int:
    for line in process.stdout or ():
        if found := _URL.search(line):
            return int(found[1])
    raise OSError("the server ended before it said where it listens")


def _wait_until_ready(port: int) -> None:
    end = time.monotonic() + _LONGEST_START_S
    while time.monotonic() < end:
        with suppress(OSError):  # It does not listen yet.
            if Client(port, {}).ask("GET", "/readyz").status == HTTPStatus.OK:
                return
        time.sleep(0.05)
    raise OSError(f"the server was not ready within {_LONGEST_START_S} s")
