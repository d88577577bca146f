"""Reading of the rule files that ship beside this package."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from cac.errors import SettingsError


@cache
def load_rules(name: str) -> dict[str, Any]:
    """Return the content of ``rules/NAME.json``."""
    file = resources.files("cac.rank").joinpath("rules", f"{name}.json")
    if not file.is_file():
        raise SettingsError(f"Rule file rules/{name}.json is missing. Reinstall the package.")
    rules: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return rules
