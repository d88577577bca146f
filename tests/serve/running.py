"""`cac serve` as people start it: a process with the model that ships, once for all tests of it.

Where the machine lets us, its root is read-only and it has no capability, as in the image.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cac.cli import main
from cac.codes.cache import cache_folder

CAC = (sys.executable, "-c", "import sys; from cac.cli import main; sys.exit(main())")
_N_SECONDS = 90
# The folders that may be written come first, then `--` and the command.
_READ_ONLY = """
mount --make-rprivate /
while [ "$1" != -- ]; do mkdir -p "$1"; mount --bind "$1" "$1"; shift; done
shift
mount -o remount,bind,ro /
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


@dataclass(frozen=True)
class Running:
    """Where a server listens, what it printed first, and its environment."""

    pid: int
    url: str
    password: str
    folder: Path
    environment: dict[str, str]

    def cac(self, *arguments: str) -> tuple[int, str]:
        """Run a command of the administrator; return its exit code and output."""
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
            for name, value in self.environment.items():
                patch.setenv(name, value)
            code = main(arguments)
        return code, out.getvalue()

    def key(self, scopes: str) -> str:
        """Make an API key of the administrator."""
        code, out = self.cac("keys", "add", "admin", "--scopes", scopes)
        assert code == 0
        return out.strip()


@functools.cache
def can_be_read_only() -> bool:
    """Tell whether a process may have mounts of its own here."""
    look = ["unshare", "--mount", "sh", "-c", "mount --make-rprivate / && setpriv --version"]
    try:
        return subprocess.run(look, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _confined(folder: Path, *command: str) -> list[str]:
    if not can_be_read_only():
        return list(command)
    writable = [str(folder), str(cache_folder())]
    return ["unshare", "--mount", "sh", "-ec", _READ_ONLY, "sh", *writable, "--", *command]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the sample notes, ready to suggest."""
    folder = tmp_path_factory.mktemp("running")
    places = {"CAC_STATE": str(folder / "state"), "CAC_SECRETS": str(folder / "keys")}
    (folder / "tmp").mkdir()
    given = os.environ | places | {"TMPDIR": str(folder / "tmp")}
    command = _confined(folder, *CAC, "serve", "--port", "0", "--sample-notes")
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, env=given, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        assert server.stdout
        url, password = (server.stdout.readline().split()[-1] for _ in range(2))
        try:
            wait_until_ready(url)
            yield Running(server.pid, url, password, folder, places)
        finally:
            server.terminate()


def wait_until_ready(url: str) -> None:
    """Wait until the server can suggest; raise TimeoutError where it takes too long."""
    end = time.monotonic() + _N_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
        time.sleep(0.1)
    raise TimeoutError(f"not ready within {_N_SECONDS} s")
