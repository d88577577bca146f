"""A PostgreSQL of one's own for the tests: Debian's, in a temporary folder, on a local socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from serve.store.tables import Base

_ROOM_BYTES = 1 << 30


def programs() -> Path | None:
    """Return the folder of initdb and postgres, or None where they are not installed."""
    found = shutil.which("postgres")
    if found and shutil.which("initdb"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def unprivileged() -> dict[str, Any]:
    """Return whom to run as: PostgreSQL refuses root."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def in_memory() -> str | None:
    """Return a folder in memory where there is one with room, for speed."""
    room = Path("/dev/shm")
    if os.access(room, os.W_OK) and shutil.disk_usage(room).free > _ROOM_BYTES:
        return str(room)
    return None


class Postgresql:
    """A server that is started and stopped at will."""

    def __init__(self, bin_: Path) -> None:
        self._bin = bin_
        self._as = unprivileged()
        # Not below pytest's own folder, which nobody but its owner may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="cac-pg-", dir=in_memory()))
        if self._as:
            os.chown(self.folder, self._as["user"], self._as["group"])
        self._data = self.folder / "data"
        self._call(
            "initdb", "-D", str(self._data), "-U", "cac", "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip

    def start(self, *, fsync: bool = False) -> None:
        settings = [
            "listen_addresses=''", f"unix_socket_directories='{self.folder}'",
            f"fsync={'on' if fsync else 'off'}", "max_connections=40", "shared_buffers=16MB",
        ]  # fmt: skip
        options = " ".join(f"-c {setting}" for setting in settings)
        self._call(
            "pg_ctl", "-D", str(self._data), "-w", "-l", str(self.folder / "log"), "-o", options,
            "start",
        )  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        self._call("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def emptied(self) -> str:
        """Empty the tables, whatever guards them, and return the URL of their database."""
        with psycopg.connect(self.url("tests"), autocommit=True) as connection:
            # Neither the guard of the log nor foreign keys hold for a replica.
            connection.execute("SET session_replication_role = replica")
            for table in Base.metadata.tables:
                connection.execute(f"DELETE FROM {table}".encode())
            connection.execute("INSERT INTO log_head VALUES (1, 0, repeat('0', 64))")
        return self.url("tests")

    def url(self, database: str) -> str:
        return f"postgresql://cac@/{database}?host={self.folder}"

    def _call(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd="/",
            **self._as,
        )
