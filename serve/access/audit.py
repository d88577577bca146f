"""Accounts and keys held against the log: whatever was put past this program is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from serve.store.tables import ApiKey, LogRow, User

_N_DIGITS = 16


def fingerprint(secret_hash: str | None) -> str:
    """Return what the log keeps of a password's or a key's hash: enough to tell another one."""
    return hashlib.sha256((secret_hash or "").encode()).hexdigest()[:_N_DIGITS]


@dataclass(slots=True)
class _Known:
    """What the log says of one account or one key."""

    rights: str = ""
    secret: str = ""
    is_closed: bool = False


def unlogged(session: Session) -> list[str]:
    """Return what differs between the tables and the log, each in a line."""
    users, keys = _logged(session)
    found = []
    for user in session.scalars(select(User).order_by(User.name)):
        now = _Known(user.role, fingerprint(user.password_hash), user.disabled_at is not None)
        found += [f"account {user.id}: {what}" for what in _differences(users.get(user.id), now)]
    for key in session.scalars(select(ApiKey).order_by(ApiKey.prefix)):
        now = _Known(key.scopes, fingerprint(key.digest), key.revoked_at is not None)
        found += [f"key {key.prefix}: {what}" for what in _differences(keys.get(key.prefix), now)]
    return found


def _differences(logged: _Known | None, now: _Known) -> Iterator[str]:
    if logged is None:
        yield "was not made by this program"
        return
    if logged.rights != now.rights:
        yield f"is {now.rights!r}, and by the log {logged.rights!r}"
    if logged.secret != now.secret:
        yield "has another password or secret than the log knows"
    if logged.is_closed != now.is_closed:
        yield f"is {'closed' if now.is_closed else 'open'}, and by the log it is not"


def _logged(session: Session) -> tuple[dict[str, _Known], dict[str, _Known]]:
    users: dict[str, _Known] = {}
    keys: dict[str, _Known] = {}
    acts = or_(LogRow.kind.startswith("user."), LogRow.kind.startswith("key."))
    rows = session.execute(
        select(LogRow.kind, LogRow.body).where(acts).order_by(LogRow.seq),
        execution_options={"yield_per": 1000},
    )
    for kind, text in rows:
        body = json.loads(text)
        if kind.startswith("user."):
            _apply(users.setdefault(body["user"], _Known()), kind, body)
        else:
            _apply(keys.setdefault(body["key"], _Known()), kind, body)
    return users, keys


def _apply(known: _Known, kind: str, body: Mapping[str, Any]) -> None:
    known.rights = body.get("role") or " ".join(body.get("scopes", ())) or known.rights
    known.secret = body.get("secret", known.secret)
    if kind in ("user.locked", "key.revoked"):
        known.is_closed = True
    elif kind == "user.unlocked":
        known.is_closed = False
