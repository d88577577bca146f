"""The shipped clients, and the README's curl, as somebody else would run them."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .running import CAC, Running

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def key(running: Running) -> str:
    return running.key("suggest,notes:read,notes:write,review,export")


class Busy(BaseHTTPRequestHandler):
    """Stands before the server, and refuses the first request of each client as a full queue."""

    refused = 0
    port = 0

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not type(self).refused:
            type(self).refused += 1
            self.answer(
                503, {"Retry-After": "1", "Content-Type": "application/problem+json"}, b"{}"
            )
            return
        onward = http.client.HTTPConnection("localhost", self.port, timeout=30)
        onward.request(self.command, self.path, body, dict(self.headers.items()))
        got = onward.getresponse()
        self.answer(got.status, {"Content-Type": got.headers["Content-Type"]}, got.read())
        onward.close()

    do_POST = do_GET  # noqa: N815

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def busy(running: Running) -> Iterator[str]:
    """The URL of a server that is busy at first."""
    Busy.refused, Busy.port = 0, int(running.url.rpartition(":")[2])
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def run(running: Running, key: str, *command: str, **more: str) -> str:
    """Run a client with the variables that it asks for, and return what it printed."""
    given = {"CAC_URL": running.url, "CAC_API_KEY": key, **more}
    done = subprocess.run(
        command, env=os.environ | given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


CLIENTS = pytest.mark.parametrize(
    ("program", "example"),
    [(sys.executable, "client.py"), ("node", "client.mjs"), ("bash", "client.sh")],
    ids=["python", "javascript", "curl"],
)


def require(program: str) -> None:
    """Skip the test where a client's program is not there."""
    for needed in (program, *(["curl"] if program == "bash" else [])):
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed here")


@CLIENTS
def test_a_refusal_is_told_in_a_line(running: Running, program: str, example: str) -> None:
    require(program)
    given = {"CAC_URL": running.url, "CAC_API_KEY": running.key("notes:read")}
    command = [program, str(EXAMPLES / example)]
    done = subprocess.run(
        command, env=os.environ | given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "This needs the scope 'suggest'" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2
    assert done.stdout == ""


@CLIENTS
def test_a_note_from_suggestion_to_decision(
    running: Running, busy: str, key: str, program: str, example: str
) -> None:
    require(program)
    out = run(running, key, program, str(EXAMPLES / example), CAC_URL=busy)
    assert Busy.refused == 1
    assert "suggested: N18.32 Chronic kidney disease, stage 3b" in out
    assert "409" in out
    assert "urn:cac:problem:conflict" in out
    [decided] = re.findall(r"^decided: (.*)$", out, re.MULTILINE)
    assert "N18.32" in decided.split()


def test_amazons_client_with_another_endpoint(running: Running, key: str) -> None:
    out = run(running, key, sys.executable, str(EXAMPLES / "comprehend_medical.py"))
    found = {line.rsplit(" ", 1)[1]: line for line in out.splitlines()}
    assert "CKD stage 3b" in found["N18.32"]
    assert "NEGATION" in found["R07.9"]


def test_the_curl_of_the_readme(running: Running, tmp_path: Path) -> None:
    for needed in ("bash", "curl"):
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed here")
    readme = (ROOT / "README.md").read_text("utf-8")
    [block] = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    assert "http://localhost:8700" in block
    # The command is on no PATH here, and the port is a free one.
    cac = tmp_path / "cac"
    cac.write_text(f'#!/bin/sh\nexec "{CAC[0]}" -c "{CAC[2]}" "$@"\n')
    cac.chmod(0o755)
    script = "set -e\n" + block.replace("http://localhost:8700", running.url)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    out = run(running, "", "bash", "-c", script, PATH=path, **running.environment)
    answered, end = json.JSONDecoder().raw_decode(out.partition("{")[1] + out.partition("{")[2])
    assert answered["results"][0]["suggestions"][0]["code"] == "N18.32"
    assert '"status":"queued"' in out[end:]
