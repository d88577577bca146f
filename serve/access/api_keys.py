"""API keys: ``cac_PREFIX_SECRET``, of which the digest is kept; scoped, expiring, rotated."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.access.audit import fingerprint
from serve.access.principal import SCOPES, Principal, Role, Scope
from serve.errors import ConflictError, DecisionError, NotFoundError, UnauthenticatedError
from serve.store import Store, Unit
from serve.store.kept import instant
from serve.store.tables import ApiKey, User

_GRACE = timedelta(hours=24)
_MAX_DAYS = 3650
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
    """Make a key and return it; it cannot be shown again.

    Raises:
        DecisionError: there is no scope, or one that its owner lacks; or its life is none.
    """
    _require_allowed(scopes, owner)
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    digest = _digest(secret)
    expires_at = unit.now + _life(unit.settings.key_days if days is None else days)
    unit.session.add(
        ApiKey(
            prefix=prefix,
            digest=digest,
            user_id=owner.id,
            label=label[:100],
            scopes=" ".join(sorted(scopes)),
            created_at=unit.now,
            expires_at=expires_at,
        )
    )
    unit.log(
        "key.added", by, key=prefix, user=owner.id, scopes=sorted(scopes),
        secret=fingerprint(digest), expires=instant(expires_at),
    )  # fmt: skip
    return f"cac_{prefix}_{secret}"


def _life(days: int) -> timedelta:
    if not 1 <= days <= _MAX_DAYS:
        raise DecisionError(f"A key lives {days} days. Allowed: 1 to {_MAX_DAYS:,}.")
    return timedelta(days=days)


def rotate_key(
    unit: Unit,
    prefix: str,
    *,
    by: str,
    days: int | None = None,
    scopes: Collection[Scope] | None = None,
) -> str:
    """Make a key like another, which ends within a day; ``scopes`` gives the new one others.

    Raises:
        ConflictError: the key was revoked.
        DecisionError: there is no scope, or one that its owner lacks; or its life is none.
    """
    old = _living(unit.session, prefix)
    owner = unit.session.get_one(User, old.user_id)
    if scopes is None:
        scopes = scopes_of(old) & SCOPES[Role(owner.role)]
    new = add_key(unit, owner, old.label, scopes, by=by, days=days)
    old.expires_at = min(old.expires_at, unit.now + _GRACE)
    unit.log("key.rotated", by, user=owner.id, key=prefix, expires=instant(old.expires_at))
    return new


def set_scopes(unit: Unit, prefix: str, scopes: Collection[Scope], *, by: str) -> None:
    """Change what a key may do, from the next request on.

    Raises:
        ConflictError: the key was revoked.
        DecisionError: there is no scope, or one that its owner lacks.
    """
    key = _living(unit.session, prefix)
    _require_allowed(scopes, unit.session.get_one(User, key.user_id))
    before, key.scopes = key.scopes.split(), " ".join(sorted(scopes))
    unit.log("key.scopes", by, user=key.user_id, key=prefix, before=before, scopes=sorted(scopes))


def scopes_of(key: ApiKey) -> frozenset[Scope]:
    """Return what a key was given; its owner's role may allow less."""
    return frozenset(Scope(each) for each in key.scopes.split())


def lacking(key: ApiKey, owner: User) -> list[Scope]:
    """Return what a key could have and lacks, such as a scope that is younger than the key."""
    return sorted(SCOPES[Role(owner.role)] - scopes_of(key))


def _require_allowed(scopes: Collection[Scope], owner: User) -> None:
    if not scopes or set(scopes) - SCOPES[Role(owner.role)]:
        allowed = ", ".join(sorted(SCOPES[Role(owner.role)]))
        raise DecisionError(f"A key of this owner may have one or more of: {allowed}.")


def revoke_key(unit: Unit, prefix: str, *, by: str) -> None:
    """Refuse a key from now on."""
    key = key_of(unit.session, prefix)
    key.revoked_at = unit.now
    unit.log("key.revoked", by, user=key.user_id, key=prefix)


def key_of(session: Session, prefix: str) -> ApiKey:
    """Return a key by its prefix; raise NotFoundError without one."""
    key = session.get(ApiKey, prefix) if prefix.isalnum() else None
    if key is None:
        raise NotFoundError("There is no key of this prefix; `cac keys list` shows them.")
    return key


def _living(session: Session, prefix: str) -> ApiKey:
    key = key_of(session, prefix)
    if key.revoked_at:
        raise ConflictError("The key was revoked; make a new one.")
    return key


def list_keys(session: Session) -> list[ApiKey]:
    """Return all keys, the newest first."""
    return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc())))


@dataclass(frozen=True, slots=True)
class _Known:
    """A key that was let in, and when it need not be asked for again if nothing has changed."""

    who: Principal
    since: datetime
    until: datetime


def principal_of_key(store: Store, shown: str) -> Principal:
    """Return whose key it is; raise UnauthenticatedError where it is not valid now."""
    if (who := known_key(store, shown)) is not None:
        return who
    mark = store.remembered.mark
    known = _asked_for(store, shown, store.clock())
    store.remembered.put(_digest(shown), mark, known)
    return known.who


def known_key(store: Store, shown: str) -> Principal | None:
    """Return whose key it is where it was let in before, and nothing has changed; never waits."""
    known: _Known | None = store.remembered.get(_digest(shown))
    if known is None or not known.since <= store.clock() < known.until:
        return None
    return known.who


def _asked_for(store: Store, shown: str, now: datetime) -> _Known:
    kind, _, rest = shown.partition("_")
    prefix, _, secret = rest.partition("_")
    with store.read() as session:
        found = _with_owner(session, prefix) if kind == "cac" and prefix.isalnum() else None
        if found is None:
            raise UnauthenticatedError(_REFUSED)
        key, user = found
        if why := _why_refused(key, user, secret, now):
            if key.refused_at is None or abs(now - key.refused_at) > _TOLD_EVERY:
                store.submit(lambda unit: _refused(unit, prefix, why))
            raise UnauthenticatedError(_REFUSED)
        role = Role(user.role)
        scopes = SCOPES[role] & scopes_of(key)
        who = Principal(user.id, user.name, role, scopes, credential=prefix)
        seen = (key.used_at or datetime.min.replace(tzinfo=UTC)) + _SEEN_EVERY
    if seen < now:
        store.submit(lambda unit: _seen(unit, prefix))
    return _Known(who, now, min(seen, key.expires_at))


def _with_owner(session: Session, prefix: str) -> tuple[ApiKey, User] | None:
    # One question: every request waits for it.
    query = select(ApiKey, User).join(User, User.id == ApiKey.user_id)
    found = session.execute(query.where(ApiKey.prefix == prefix)).one_or_none()
    return (found[0], found[1]) if found else None


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
