"""API keys: ``cac_PREFIX_SECRET``, of which the digest is kept; scoped, expiring, rotated."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.access.audit import fingerprint
from serve.access.principal import SCOPES, Principal, Role, Scope
from serve.errors import DecisionError, NotFoundError, UnauthenticatedError
from serve.store import Store, Unit
from serve.store.tables import ApiKey, User

_GRACE = timedelta(hours=24)
_SEEN_EVERY = timedelta(minutes=5)
_TOLD_EVERY = timedelta(minutes=1)
_REFUSED = "The API key is not known, has expired, or was revoked. An administrator gives new ones."


def add_key(
    unit: Unit,
    owner: User,
    label: str,
    scopes: Collection[Scope],
    *,
    by: str,
    days: int | None = None,
) -> str:
    """Make a key and return it; it cannot be shown again."""
    beyond = set(scopes) - SCOPES[Role(owner.role)]
    if beyond or not scopes:
        allowed = ", ".join(sorted(SCOPES[Role(owner.role)]))
        raise DecisionError(f"A key of this owner may have one or more of: {allowed}.")
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    digest = _digest(secret)
    life = timedelta(days=days or unit.settings.key_days)
    unit.session.add(
        ApiKey(
            prefix=prefix,
            digest=digest,
            user_id=owner.id,
            label=label[:100],
            scopes=" ".join(sorted(scopes)),
            created_at=unit.now,
            expires_at=unit.now + life,
        )
    )
    known = {"user": owner.id, "scopes": sorted(scopes), "secret": fingerprint(digest)}
    unit.log("key.added", by, key=prefix, **known)
    return f"cac_{prefix}_{secret}"


def rotate_key(unit: Unit, prefix: str, *, by: str, days: int | None = None) -> str:
    """Make a key like another, which ends within a day."""
    old = key_of(unit.session, prefix)
    owner = unit.session.get_one(User, old.user_id)
    allowed = {Scope(s) for s in old.scopes.split()} & SCOPES[Role(owner.role)]
    new = add_key(unit, owner, old.label, allowed, by=by, days=days)
    old.expires_at = min(old.expires_at, unit.now + _GRACE)
    unit.log("key.rotated", by, user=owner.id, key=prefix)
    return new


def revoke_key(unit: Unit, prefix: str, *, by: str) -> None:
    """Refuse a key from now on."""
    key = key_of(unit.session, prefix)
    key.revoked_at = unit.now
    unit.log("key.revoked", by, user=key.user_id, key=prefix)


def key_of(session: Session, prefix: str) -> ApiKey:
    """Return a key by its prefix; raise NotFoundError without one."""
    key = session.get(ApiKey, prefix)
    if key is None:
        raise NotFoundError("There is no key of this prefix; `cac users keys` shows them.")
    return key


def list_keys(session: Session) -> list[ApiKey]:
    """Return all keys, the newest first."""
    return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc())))


def principal_of_key(store: Store, shown: str) -> Principal:
    """Return whose key it is; raise UnauthenticatedError where it is not valid now."""
    kind, _, rest = shown.partition("_")
    prefix, _, secret = rest.partition("_")
    now = store.clock()
    with store.read() as session:
        key = session.get(ApiKey, prefix) if kind == "cac" and prefix.isalnum() else None
        if key is None:
            raise UnauthenticatedError(_REFUSED)
        user = session.get_one(User, key.user_id)
        if why := _why_refused(key, user, secret, now):
            if key.refused_at is None or abs(now - key.refused_at) > _TOLD_EVERY:
                store.submit(lambda unit: _refused(unit, prefix, why))
            raise UnauthenticatedError(_REFUSED)
        role = Role(user.role)
        scopes = SCOPES[role] & {Scope(s) for s in key.scopes.split()}
        who = Principal(user.id, user.name, role, scopes, credential=prefix)
        stale = key.used_at is None or now - key.used_at > _SEEN_EVERY
    if stale:
        store.submit(lambda unit: _seen(unit, prefix))
    return who


def _why_refused(key: ApiKey, user: User, secret: str, now: datetime) -> str:
    if not hmac.compare_digest(key.digest, _digest(secret)):
        return "wrong"
    reasons = {
        "revoked": key.revoked_at,
        "expired": key.expires_at <= now,
        "owner locked": user.disabled_at,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _refused(unit: Unit, prefix: str, why: str) -> None:
    key = key_of(unit.session, prefix)
    key.refused_at = unit.now
    unit.log("key.refused", key.user_id, key=prefix, why=why)


def _seen(unit: Unit, prefix: str) -> None:
    key = unit.session.get(ApiKey, prefix)
    if key is not None:
        key.used_at = unit.now


def _digest(secret: str) -> str:
    # The secret has 256 random bits: a slow hash would add nothing.
    return hashlib.sha256(secret.encode()).hexdigest()
