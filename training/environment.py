"""What a run rests on beside its data: the commit, the versions, the machine."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NO_COMMIT = "unknown"


@dataclass(frozen=True, slots=True)
class Environment:
    """The commit (``dirty`` where files differ from it), Python, machine and packages."""

    commit: str
    dirty: bool
    python: str
    machine: str
    packages: dict[str, str]

    def to_json(self) -> dict[str, object]:
        """Return plain data."""
        return asdict(self)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Look around once."""
    return Environment(
        commit=_git("rev-parse", "HEAD") or _NO_COMMIT,
        dirty=bool(_git("status", "--porcelain", "--untracked-files=no")),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        packages={d.metadata["Name"]: d.version for d in sorted(distributions(), key=_name)},
    )


def _name(distribution: object) -> str:
    return str(getattr(distribution, "metadata", {})["Name"]).lower()


def _git(*arguments: str) -> str:
    """Return what git says; nothing where there is no git or no repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
