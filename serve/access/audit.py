"""Accounts and keys held against the log: whatever was put past this program is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from serve.log.binding import is_bound
from serve.log.chain import canonical
from serve.secrets import Secrets
from serve.store.audit import Found, body_of
from serve.store.kept import instant
from serve.store.tables import ApiKey, BrowserSession, LogRow, User

_N_DIGITS = 16
N_SHOWN = 12
"""How much of a session's digest stands in the log: enough to tell it, too little to use."""


def fingerprint(secret_hash: str | None) -> str:
    """Return what the log keeps of a password's or a key's hash: enough to tell another one."""
    return hashlib.sha256((secret_hash or "").encode()).hexdigest()[:_N_DIGITS]


def user_place(user: User) -> str:
    """Return where the particulars of an account belong."""
    return f"user/{user.id}"


def user_kept(user: User) -> str:
    """Return by what a person is known; the log has no names, so it binds them."""
    return canonical([user.name, user.oidc_subject])


@dataclass(slots=True)
class _Known:
    """What the log says of one account or one key; "" where it says nothing."""

    rights: str = ""
    secret: str = ""
    is_closed: bool = False
    owner: str = ""
    ends: str = ""
    binding: str = ""


def unlogged(session: Session, secrets: Secrets) -> Found:
    """Return what differs between the tables of accounts and keys and the log."""
    users, keys = _logged(session)
    found = Found()
    with found.reading("users"):
        _audit_users(session, secrets, users, found)
    with found.reading("api_keys"):
        _audit_keys(session, keys, found)
    with found.reading("sessions"):
        _audit_sessions(session, found)
    return found


def _audit_users(
    session: Session, secrets: Secrets, users: dict[str, _Known], found: Found
) -> None:
    for user in session.scalars(select(User).order_by(User.name)):
        now = _Known(user.role, fingerprint(user.password_hash), user.disabled_at is not None)
        known = users.pop(user.id, None)
        found.faults += [f"account {user.id}: {what}" for what in _differences(known, now)]
        if known and not known.binding:
            found.n_uncovered["names of accounts"] += 1
        elif known and not is_bound(secrets.log, known.binding, user_place(user), user_kept(user)):
            found.faults.append(f"account {user.id}: goes by another name or OIDC subject")
    found.faults += [f"account {id_}: was removed from the database" for id_ in sorted(users)]


def _audit_keys(session: Session, keys: dict[str, _Known], found: Found) -> None:
    for key in session.scalars(select(ApiKey).order_by(ApiKey.prefix)):
        closed, ends = key.revoked_at is not None, instant(key.expires_at)
        now = _Known(key.scopes, fingerprint(key.digest), closed, key.user_id, ends)
        known = keys.pop(key.prefix, None)
        found.faults += [f"key {key.prefix}: {what}" for what in _differences(known, now)]
    found.faults += [f"key {id_}: was removed from the database" for id_ in sorted(keys)]


def _audit_sessions(session: Session, found: Found) -> None:
    rows = session.execute(
        select(LogRow.at, LogRow.user_id, LogRow.body)
        .where(LogRow.kind == "session.started")
        .order_by(LogRow.seq)
    ).all()
    begun = {(str(body_of(text).get("session")), user, at) for at, user, text in rows}
    first = rows[0].at if rows else ""
    for row in session.scalars(select(BrowserSession).order_by(BrowserSession.created_at)):
        shown, at = row.digest[:N_SHOWN], instant(row.created_at)
        if (shown, row.user_id, at) in begun:
            continue
        if not first or at < first:
            found.n_uncovered["sessions"] += 1
        else:
            found.faults.append(f"session {shown}: was not begun by this program as it stands")


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
    if now.owner != logged.owner:
        yield f"belongs to {now.owner}, and by the log to {logged.owner}"
    if logged.ends and now.ends != logged.ends:
        yield f"ends {now.ends}, and by the log {logged.ends}"


def _logged(session: Session) -> tuple[dict[str, _Known], dict[str, _Known]]:
    users: dict[str, _Known] = {}
    keys: dict[str, _Known] = {}
    acts = or_(LogRow.kind.startswith("user."), LogRow.kind.startswith("key."))
    rows = session.execute(
        select(LogRow.kind, LogRow.body).where(acts).order_by(LogRow.seq),
        execution_options={"yield_per": 1000},
    )
    for kind, text in rows:
        body = body_of(text)
        if kind.startswith("user."):
            _apply(users.setdefault(str(body.get("user")), _Known()), kind, body)
        else:
            _apply(keys.setdefault(str(body.get("key")), _Known()), kind, body)
            keys[str(body.get("key"))].owner = str(body.get("user"))
    return users, keys


def _apply(known: _Known, kind: str, body: Mapping[str, Any]) -> None:
    known.rights = body.get("role") or " ".join(body.get("scopes", ())) or known.rights
    known.secret = body.get("secret", known.secret)
    known.ends = body.get("expires", known.ends)
    known.binding = body.get("row_mac", known.binding)
    if kind in ("user.locked", "key.revoked"):
        known.is_closed = True
    elif kind == "user.unlocked":
        known.is_closed = False
