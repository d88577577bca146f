"""Passwords: hashed by Argon2id, and long enough."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from serve.errors import DecisionError

MIN_LENGTH = 12
MAX_LENGTH = 1024
PARAMETERS = RFC_9106_LOW_MEMORY
_HASHER = PasswordHasher.from_parameters(PARAMETERS)
# Each hash takes 64 MiB; more than two at a time would let log-ins exhaust the memory.
_TURN = threading.BoundedSemaphore(2)
_NOBODY = _HASHER.hash(secrets.token_urlsafe(32))


def hashed(password: str) -> str:
    """Return the Argon2id hash; raise DecisionError where the password is too short or long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise DecisionError(
            f"The password has {len(password)} characters. Allowed: {MIN_LENGTH} to {MAX_LENGTH}."
        )
    with _TURN:
        return _HASHER.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is right, in the same time where there is no such user."""
    with _TURN:
        try:
            right = _HASHER.verify(password_hash or _NOBODY, password[: MAX_LENGTH + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and password_hash is not None


def one_time() -> str:
    """Return a password to be printed once and changed at the first log-in."""
    return "-".join(secrets.token_hex(3) for _ in range(4))
