"""Logging in with a password: growing delays, and a row of the log for each try."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from serve.access.devices import Tries, read_device
from serve.access.passwords import hashed, matches
from serve.access.principal import Principal
from serve.access.sessions import forget_ended, start_session
from serve.access.users import end_sessions, find_user, set_password
from serve.errors import ForbiddenError, TooManyError, UnauthenticatedError
from serve.store import Store, Unit
from serve.store.tables import User

_N_FREE = 5
_FIRST_S, _LONGEST_S = 15, 3600
_MAX_STRANGERS = 10_000
_LOCKED = "Too many wrong passwords: wait, or ask an administrator to unlock the account."
_WRONG = "The name or the password is not right."


class _Strangers:
    """Closes names that nobody has as accounts are closed: else the delay tells who has one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def locked_until(self, name: str) -> datetime | None:
        with self._lock:
            n_failures, at = self._failures.get(_digest(name), (0, None))
        return at and at + timedelta(seconds=delay_s(n_failures))

    def failed(self, name: str, now: datetime) -> None:
        with self._lock:
            n_failures, _ = self._failures.pop(_digest(name), (0, now))
            self._failures[_digest(name)] = (n_failures + 1, now)
            if len(self._failures) > _MAX_STRANGERS:
                self._failures.popitem(last=False)


def _digest(name: str) -> str:
    # What is typed here may be a password.
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


_STRANGERS = _Strangers()
_DEVICES, _TRIED = Tries(), Tries()


def log_in(store: Store, name: str, password: str, *, address: str, device: str = "") -> str:
    """Return the token of a new session.

    Args:
        store: Where people and sessions are kept.
        name: Who it is said to be.
        password: As typed.
        address: Where it comes from, for the log.
        device: The cookie of a browser from which this person has logged in before; it has tries
            of its own, and is not closed out by wrong passwords from elsewhere.

    Raises:
        UnauthenticatedError: name or password is not right; which, is not said.
        TooManyError: too many wrong tries before; the delay doubles with each.
    """
    with store.read() as session:
        user = find_user(session, name)
    now = store.clock()
    owner, known = read_device(store.secrets, device)
    is_known = user is not None and owner == user.id and _DEVICES.knows(known)
    if not is_known:
        _require_open(user.locked_until if user else _STRANGERS.locked_until(name), now)
    if not matches(password, user.password_hash if user and not user.disabled_at else None):
        if user is None:
            _STRANGERS.failed(name, now)
        if is_known:
            _DEVICES.failed(known)
        store.write(lambda unit: _failed(unit, name, address, counts=not is_known))
        raise UnauthenticatedError(_WRONG)
    return store.write(lambda unit: _succeeded(unit, name, address))


def _require_open(until: datetime | None, now: datetime) -> None:
    if until and until > now:
        raise TooManyError(_LOCKED, retry_after_s=int((until - now).total_seconds()) + 1)


def change_password(store: Store, who: Principal, old: str, new: str) -> str:
    """Set one's own password, end every session, and return the token of a new one.

    Who took a session over must not find the password by trying, nor close the account by it: a
    session has five tries, which do not count at the log-in.

    Raises:
        UnauthenticatedError: the present password is not right, or was wrong too often.
        ForbiddenError: the new one is the present one.
        DecisionError: the new one is too short or too long.
    """
    with store.read() as session:
        known = session.get_one(User, who.user_id).password_hash
    if not _TRIED.knows(who.credential):
        raise UnauthenticatedError("Too many wrong passwords: log out, and in again.")
    if not matches(old, known):
        _TRIED.failed(who.credential)
        store.write(lambda unit: _failed(unit, who.name, "", counts=False))
        raise UnauthenticatedError("The present password is not right.")
    if old == new:
        raise ForbiddenError("The new password must differ from the present one.")
    new_hash = hashed(new)

    def change(unit: Unit) -> str:
        user = unit.session.get_one(User, who.user_id)
        set_password(unit, user, new_hash, by=who.user_id)
        return start_session(unit, user)

    return store.write(change)


def delay_s(n_failures: int) -> int:
    """Return how long an account is closed after so many wrong passwords, in seconds."""
    if n_failures < _N_FREE:
        return 0
    doublings = min(n_failures - _N_FREE, 20)
    return min(_FIRST_S << doublings, _LONGEST_S)


def _failed(unit: Unit, name: str, address: str, *, counts: bool = True) -> None:
    user = find_user(unit.session, name)
    # A name that nobody has may be a password typed into the wrong field: it is not kept.
    unit.log("login.failed", user.id if user else "unknown", address=address)
    if user is None or not counts:
        return
    user.n_failures += 1
    wait = delay_s(user.n_failures)
    if wait:
        user.locked_until = unit.now + timedelta(seconds=wait)


def _succeeded(unit: Unit, name: str, address: str) -> str:
    user = find_user(unit.session, name)
    if user is None or user.disabled_at:
        raise UnauthenticatedError(_WRONG)
    user.n_failures, user.locked_until = 0, None
    forget_ended(unit)
    if user.must_change:
        end_sessions(unit, user.id)
    unit.log("login", user.id, address=address)
    return start_session(unit, user)
