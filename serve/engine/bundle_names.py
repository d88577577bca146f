"""The names by which an administrator may ask for a bundle, and what each is loaded from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cac.bundle_places import DEFAULT
from serve.errors import DecisionError

REGISTRY = "models:/"
NAME_PATTERN = r"^(models:/[\w.-]+(@[\w.-]+|/\d+)|[\w-][\w.-]*)?$"


@dataclass(frozen=True, slots=True)
class BundleNames:
    """``default``, ``models:/NAME@ALIAS``, a folder's name, or "" for the rules alone.

    ``folder`` is that of CAC_BUNDLES; ``start`` is what CAC_BUNDLE names, which may lie elsewhere.
    """

    folder: Path | None
    start: str

    @property
    def known(self) -> list[str]:
        """The names that can be listed: a registry's are its own."""
        inside = sorted(p.name for p in self.folder.iterdir() if p.is_dir()) if self.folder else []
        return [DEFAULT, "", *(name for name in inside if re.match(NAME_PATTERN, name))]

    def require(self, name: str) -> str:
        """Return what to load: only folders that the administrator of the machine put there.

        Raises:
            DecisionError: the name is none, or names no such folder.
        """
        if not re.match(NAME_PATTERN, name):
            raise DecisionError("A bundle is default, models:/NAME@ALIAS, or a folder's name.")
        path = self.path(name)
        if name in ("", DEFAULT) or name.startswith(REGISTRY):
            return path
        if self.folder is None:
            raise DecisionError(
                "CAC_BUNDLES names no folder of bundles; set it, or name models:/..."
            )
        if not Path(path).is_dir():
            raise DecisionError("There is no bundle of this name in the folder of CAC_BUNDLES.")
        return path

    def path(self, name: str) -> str:
        """Return what a name is loaded from, there or not."""
        if name in ("", DEFAULT) or name.startswith(REGISTRY) or self.folder is None:
            return name
        return str(self.folder / name)

    def name(self, path: str) -> str | None:
        """Return the name of what was loaded; None for what CAC_BUNDLE names."""
        if path == self.start:
            return None
        return path.removeprefix(f"{self.folder}/") if self.folder else path

    @staticmethod
    def shown(path: str) -> str:
        """Return what to show of what was loaded: no folders of this machine."""
        return path if path.startswith(REGISTRY) else path.rpartition("/")[2]
