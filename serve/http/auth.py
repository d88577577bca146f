"""Who asks: found out at the door, then a FastAPI dependency.

The app keeps ``store`` and ``rates`` in its state.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from serve.access.api_keys import known_key
from serve.access.authenticate import authenticate, bearer
from serve.access.principal import Principal, Scope
from serve.access.rates import RateLimit
from serve.access.sessions import COOKIE, CSRF_HEADER
from serve.errors import UnauthenticatedError
from serve.store import Store


def store_of(request: Request) -> Store:
    """Return the app's store (``app.state.store``)."""
    store: Store = request.app.state.store
    return store


def who_asks(request: Request) -> Principal:
    """Return who asks; raises the errors of `authenticate`, and TooManyError beyond the rate."""
    who = authenticate(
        store_of(request),
        authorization=request.headers.get("Authorization"),
        cookie=request.cookies.get(COOKIE),
        csrf=request.headers.get(CSRF_HEADER),
        method=request.method,
    )
    rates: RateLimit = request.app.state.rates
    # A person is one, by however many sessions.
    rates.take(who.credential if "Authorization" in request.headers else who.user_id)
    return who


def who_is_known(request: Request) -> Principal | None:
    """Return who asks as `who_asks`, where that takes no question to the database; never waits."""
    shown = bearer(request.headers.get("Authorization", ""))
    who = None if shown is None else known_key(store_of(request), shown)
    if who is not None:
        rates: RateLimit = request.app.state.rates
        rates.take(who.credential)
    return who


# Asynchronous, as is what it is for, so that neither is handed to another thread for nothing.
async def principal(request: Request) -> Principal:
    """Return who was found at the door; raise UnauthenticatedError where there was none."""
    who: Principal | None = getattr(request.state, "principal", None)
    if who is None:
        raise UnauthenticatedError("Log in, or send Authorization: Bearer cac_...")
    return who


def require(scope: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    """Return the dependency that lets through who has a scope: ``Depends(require(Scope.X))``."""

    async def allowed(who: Annotated[Principal, Depends(principal)]) -> Principal:
        who.require(scope)
        return who

    return allowed


def address_of(request: Request) -> str:
    """Return the client's address; behind a declared proxy uvicorn has put the true one here."""
    return request.client.host if request.client else ""
