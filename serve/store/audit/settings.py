"""What an administrator set: the value, who set it and when."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.log.chain import canonical
from serve.secrets import Secrets
from serve.store.audit.found import Found
from serve.store.audit.logged import Logged
from serve.store.kept import instant
from serve.store.tables import SettingRow


def audit_settings(session: Session, _: Secrets, logged: Logged, found: Found) -> None:
    """Hold each stored setting against the last change of it in the log."""
    now = {row.name: _said(row) for row in session.scalars(select(SettingRow))}
    for name in sorted(now.keys() | logged.settings.keys()):
        if now.get(name) != logged.settings.get(name):
            found.faults.append(f"setting {name}: is not what the log says was set last")


def _said(row: SettingRow) -> tuple[str, str, str]:
    try:
        value = canonical(json.loads(row.value))
    except ValueError:
        value = row.value
    return value, row.changed_by, instant(row.changed_at)
