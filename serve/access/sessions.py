"""Browser sessions, kept on the server: they end by idle time, by age, and at log-out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete

from serve.access.audit import N_SHOWN
from serve.access.principal import SCOPES, Principal, Role
from serve.errors import ForbiddenError, UnauthenticatedError
from serve.secrets import Secrets
from serve.settings import Settings
from serve.store import Store, Unit
from serve.store.tables import BrowserSession, User

COOKIE = "cac_session"
CSRF_HEADER = "X-CSRF-Token"
_SEEN_EVERY = timedelta(seconds=20)
# A clock that goes back further than this would make sessions live longer than allowed.
_CLOCK_TOLERANCE = timedelta(minutes=2)
_ENDED = "Nobody is logged in, or the session has ended: log in again."


def start_session(unit: Unit, user: User) -> str:
    """Begin a session under a new token, whatever the browser held before; return the token."""
    token = secrets.token_urlsafe(32)
    digest = _digest(token)
    unit.session.add(
        BrowserSession(digest=digest, user_id=user.id, created_at=unit.now, seen_at=unit.now)
    )
    unit.log("session.started", user.id, session=digest[:N_SHOWN])
    return token


def end_session(unit: Unit, token: str, *, by: str) -> None:
    """Log out."""
    found = unit.session.get(BrowserSession, _digest(token))
    if found is not None:
        unit.session.delete(found)
        unit.log("logout", by, session=found.digest[:N_SHOWN])


def forget_ended(unit: Unit) -> None:
    """Delete the sessions that have ended."""
    hours = timedelta(hours=unit.settings.session_hours)
    unit.session.execute(delete(BrowserSession).where(BrowserSession.created_at < unit.now - hours))


def principal_of_session(store: Store, token: str) -> Principal:
    """Return whose session it is; raise UnauthenticatedError where it has ended."""
    digest = _digest(token)
    with store.read() as session:
        found = session.get(BrowserSession, digest)
        now = store.clock()
        if found is None or _has_ended(found, now, store.settings):
            raise UnauthenticatedError(_ENDED)
        user = session.get_one(User, found.user_id)
        if user.disabled_at:
            raise UnauthenticatedError(_ENDED)
        role = Role(user.role)
        scopes = frozenset() if user.must_change else SCOPES[role]
        who = Principal(user.id, user.name, role, scopes, digest[:N_SHOWN], user.must_change)
        stale = now - found.seen_at > _SEEN_EVERY
    if stale:
        store.submit(lambda unit: _seen(unit, digest))
    return who


def csrf_token(secrets_: Secrets, token: str) -> str:
    """Return what a page of this session sends back in ``X-CSRF-Token``."""
    return _csrf(secrets_.session.newest[1], token)


def check_csrf(secrets_: Secrets, token: str, shown: str | None) -> None:
    """Raise ForbiddenError where a change comes from a page that is not of this session."""
    wanted = [_csrf(key, token) for key in secrets_.session.keys.values()]
    if not any(hmac.compare_digest(each, shown or "") for each in wanted):
        raise ForbiddenError(f"{CSRF_HEADER} is missing or not this session's: reload the page.")


def _has_ended(found: BrowserSession, now: datetime, settings: Settings) -> bool:
    idle = now - found.seen_at
    age = now - found.created_at
    return (
        idle > timedelta(minutes=settings.session_idle_minutes)
        or age > timedelta(hours=settings.session_hours)
        or min(idle, age) < -_CLOCK_TOLERANCE
    )


def _seen(unit: Unit, digest: str) -> None:
    found = unit.session.get(BrowserSession, digest)
    if found is not None:
        found.seen_at = unit.now


def _csrf(key: bytes, token: str) -> str:
    return hmac.new(key, f"csrf:{token}".encode(), hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
