"""Passwords: hashed by Argon2id, and long enough."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from serve.errors import DecisionError, TooManyError

MIN_LENGTH = 12
MAX_LENGTH = 1024
PARAMETERS = RFC_9106_LOW_MEMORY
_HASHER = PasswordHasher.from_parameters(PARAMETERS)
# Each hash takes 64 MiB; more than two at a time would let log-ins exhaust the memory.
_TURN = threading.BoundedSemaphore(2)
# Who waits for a turn holds a thread of the server: a flood of log-ins must leave some to others.
_PLACES = threading.BoundedSemaphore(10)
_NOBODY = _HASHER.hash(secrets.token_urlsafe(32))


def hashed(password: str) -> str:
    """Return the Argon2id hash.

    Raises:
        DecisionError: the password is too short or too long.
        TooManyError: ten passwords are being hashed or wait for it.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise DecisionError(
            f"The password has {len(password)} characters. Allowed: {MIN_LENGTH} to {MAX_LENGTH}."
        )
    with _turn():
        return _HASHER.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is right, in the same time where there is no such user.

    Raises:
        TooManyError: ten passwords are being hashed or wait for it.
    """
    with _turn():
        try:
            right = _HASHER.verify(password_hash or _NOBODY, password[: MAX_LENGTH + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and password_hash is not None


@contextmanager
def _turn() -> Iterator[None]:
    if not _PLACES.acquire(blocking=False):
        raise TooManyError("Many log in at this moment: try again.", retry_after_s=5)
    try:
        with _TURN:
            yield
    finally:
        _PLACES.release()


def one_time() -> str:
    """Return a password to be printed once and changed at the first log-in."""
    return "-".join(secrets.token_hex(3) for _ in range(4))
