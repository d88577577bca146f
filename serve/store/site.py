"""What an administrator sets while the server runs: it wins over the variable that starts it.

Every change is a row of the log with who, before and after.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any

from sqlalchemy.orm import Session

from serve.errors import DecisionError
from serve.settings import Settings
from serve.store.store import Unit
from serve.store.tables import SettingRow


class Name(StrEnum):
    """What can be set so."""

    BLINDED_SHARE = "blinded_share"
    BUNDLE = "bundle"
    SHADOW = "shadow"


_STARTS: dict[Name, Callable[[Settings], Any]] = {
    Name.BLINDED_SHARE: lambda settings: settings.blinded_share,
    Name.BUNDLE: lambda settings: settings.bundle,
    Name.SHADOW: lambda _: None,
}


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting: its value now, that of the variable, and who stored another one when."""

    value: Any
    start: Any
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def is_stored(self) -> bool:
        """Whether an administrator set it; else the variable holds."""
        return self.changed_at is not None


def in_force(session: Session, settings: Settings, name: Name) -> InForce:
    """Return what holds now."""
    start = _STARTS[name](settings)
    row = session.get(SettingRow, name.value)
    if row is None:
        return InForce(start, start)
    return InForce(json.loads(row.value), start, row.changed_at, row.changed_by)


def store_setting(unit: Unit, name: Name, value: Any, *, by: str) -> None:
    """Set something from now on, whatever the variable says."""
    before = in_force(unit.session, unit.settings, name)
    row = SettingRow(name=name.value, value=json.dumps(value), changed_at=unit.now, changed_by=by)
    unit.session.merge(row)
    _log(unit, name, before, value, by=by, stored=True)


def forget_setting(unit: Unit, name: Name, *, by: str) -> None:
    """Let the variable hold again."""
    before = in_force(unit.session, unit.settings, name)
    row = unit.session.get(SettingRow, name.value)
    if row is not None:
        unit.session.delete(row)
        _log(unit, name, before, before.start, by=by, stored=False)


def set_blinded_share(unit: Unit, share: float, *, by: str) -> None:
    """Set the share of new notes that are shown without suggestions; it lies in 0..1."""
    if not (isfinite(share) and 0 <= share <= 1):
        raise DecisionError("The blinded share is a number of 0 to 100 percent.")
    store_setting(unit, Name.BLINDED_SHARE, share, by=by)


def _log(unit: Unit, name: Name, before: InForce, after: Any, *, by: str, stored: bool) -> None:
    unit.log(
        "setting.changed", by, name=name.value, before=before.value, after=after, stored=stored
    )
