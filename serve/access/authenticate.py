"""The one check of every request: a key, or a session with its CSRF token."""

from __future__ import annotations

from serve.access.api_keys import principal_of_key
from serve.access.principal import Principal
from serve.access.sessions import check_csrf, principal_of_session
from serve.errors import UnauthenticatedError
from serve.store import Store

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def authenticate(
    store: Store,
    *,
    authorization: str | None,
    cookie: str | None,
    csrf: str | None,
    method: str,
) -> Principal:
    """Return who asks.

    Args:
        store: Where keys and sessions are kept.
        authorization: The header ``Authorization``; where it stands, the cookie does not count.
        cookie: The cookie ``cac_session``.
        csrf: The header ``X-CSRF-Token``, needed with a cookie for whatever is no reading.
        method: The request's method.

    Raises:
        UnauthenticatedError: nothing valid was shown.
        ForbiddenError: a session without its CSRF token.
    """
    if authorization:
        shown = bearer(authorization)
        if shown is None:
            raise UnauthenticatedError("Authorization must be: Bearer cac_...")
        return principal_of_key(store, shown)
    if not cookie:
        raise UnauthenticatedError("Log in, or send Authorization: Bearer cac_...")
    who = principal_of_session(store, cookie)
    if method not in _READS:
        check_csrf(store.secrets, cookie, csrf)
    return who


def bearer(authorization: str) -> str | None:
    """Return the key in the header ``Authorization``; None where it is of another kind."""
    kind, _, shown = authorization.partition(" ")
    return shown.strip() if kind.lower() == "bearer" else None
